import type { Asker } from '../http.js';
import type { World } from '../world.js';
import { seedIdentity } from './identity.js';
import { seedTenantNetworks } from './networks.js';
import { seedOperator } from './operator.js';
import { seedKeypairs, seedServers } from './servers.js';

/** When the oldest of the seeded resources were made: fixed, so that the same seed gives the same cloud. */
const EPOCH = Date.UTC(2026, 0, 5, 8);

/**
 * Fills an empty world as the test control plane is filled: `servers` servers in all, two thirds of them in demo-a,
 * with their networks, groups, addresses and volumes under the same names.
 */
export function seedWorld(world: World, servers: number): void {
  const people = seedIdentity(world);
  const operator: Asker = { userId: people.user('admin').id, projectId: people.project('admin').id, roles: ['admin'] };
  const operated = seedOperator(world, operator, EPOCH);
  // From some 4,000 addresses on, the networks must be larger than the control plane's.
  const bits = servers > 3000 ? 16 : 20;
  const tenants = [
    { name: 'demo-a', user: 'alice', number: 1, count: servers - Math.floor(servers / 3) },
    { name: 'demo-b', user: 'bob', number: 2, count: Math.floor(servers / 3) },
  ];
  for (const { name, user, number, count } of tenants) {
    const asker: Asker = {
      userId: people.user(user).id,
      projectId: people.project(name).id,
      roles: ['member', 'reader'],
    };
    const at = EPOCH + 60_000;
    const base = seedTenantNetworks(world, asker, { name, number, bits }, operated.publicNetwork, at);
    seedKeypairs(world, asker, at);
    seedServers(world, { asker, name, base, operated }, count, at + 60_000);
  }
  world.startLog();
}
