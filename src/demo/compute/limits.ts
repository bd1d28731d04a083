import { type Answer, type Call, Refusal } from '../http.js';

/** `GET /limits`: the project's quotas and what it uses of them. */
export function getLimits(call: Call): Answer {
  const { world, asker } = call;
  if (asker.projectId === null) throw new Refusal(403, 'Forbidden');
  const servers = world.servers.by('projectId', asker.projectId);
  const sum = (of: (server: (typeof servers)[number]) => number) =>
    servers.reduce((total, each) => total + of(each), 0);
  const absolute = {
    maxTotalInstances: world.quotas.instances,
    maxTotalCores: world.quotas.cores,
    maxTotalRAMSize: 40960000,
    maxServerMeta: 128,
    maxTotalKeypairs: 1000,
    maxServerGroups: 1000,
    maxServerGroupMembers: 1000,
    totalRAMUsed: sum(({ flavor }) => flavor.ram),
    totalCoresUsed: sum(({ flavor }) => flavor.vcpus),
    totalInstancesUsed: servers.length,
    totalServerGroupsUsed: 2,
  };
  return { status: 200, body: { limits: { rate: [], absolute } } };
}
