import { type Answer, type Call, isRecord, Refusal } from '../http.js';
import type { Server } from '../rows.js';
import type { World } from '../world.js';
import { ownServer, serverOf } from './find.js';
import { bodyOf } from './nova.js';

interface Action {
  readonly policy: string;
  /** The word in Nova's message, `Cannot 'stop' instance …`. */
  readonly word: string;
  readonly from: readonly Server['vmState'][];
  readonly task: string;
  readonly steps: readonly (readonly [ms: number, patch: Partial<Server>])[];
}

const STOPPED = { vmState: 'stopped', powerState: 4, taskState: null } as const;
const RUNNING = { vmState: 'active', powerState: 1, taskState: null } as const;

const stop: Action = {
  policy: 'servers:stop',
  word: 'stop',
  from: ['active', 'error'],
  task: 'powering-off',
  steps: [[600, STOPPED]],
};
const start: Action = {
  policy: 'servers:start',
  word: 'start',
  from: ['stopped'],
  task: 'powering-on',
  steps: [[600, RUNNING]],
};
const softReboot: Action = {
  policy: 'servers:reboot',
  word: 'reboot',
  from: ['active'],
  task: 'rebooting',
  steps: [
    [300, { taskState: 'reboot_started' }],
    [800, RUNNING],
  ],
};
const hardReboot: Action = {
  policy: 'servers:reboot',
  word: 'reboot',
  from: ['active', 'stopped', 'error'],
  task: 'rebooting_hard',
  steps: [
    [300, { taskState: 'reboot_started_hard' }],
    [800, RUNNING],
  ],
};
const REBOOT_TYPES = ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'];

/** `POST /servers/:id/action`: `os-stop`, `os-start`, `reboot`. */
export function act(call: Call): Answer {
  if (!isRecord(call.body) || Object.keys(call.body).length === 0) throw new Refusal(400, 'Malformed request body');
  const [name = ''] = Object.keys(call.body);
  const action = actionOf(call, name);
  const server = ownServer(call, action.policy);
  checkState(server, action);
  run(call.world, server.id, action);
  return { status: 202, headers: { 'content-type': 'application/json' } };
}

function actionOf(call: Call, name: string): Action {
  if (name === 'os-stop') return stop;
  if (name === 'os-start') return start;
  if (name !== 'reboot') {
    serverOf(call);
    throw new Refusal(400, `There is no such action: ${name}`);
  }
  const type = String(bodyOf(call, 'reboot', ['type'], ['type'])['type']);
  if (!REBOOT_TYPES.includes(type)) {
    const known = REBOOT_TYPES.map((each) => `'${each}'`).join(', ');
    throw new Refusal(
      400,
      `Invalid input for field/attribute type. Value: ${type}. '${type}' is not one of [${known}]`,
    );
  }
  return type.toLowerCase() === 'hard' ? hardReboot : softReboot;
}

function checkState(server: Server, { word, from }: Action): void {
  const cannot = `Cannot '${word}' instance ${server.id} while it is in`;
  if (!from.includes(server.vmState)) throw new Refusal(409, `${cannot} vm_state ${server.vmState}`);
  if (server.taskState !== null) throw new Refusal(409, `${cannot} task_state ${server.taskState}`);
}

function run(world: World, id: string, { task, steps }: Action): void {
  change(world, id, { taskState: task });
  for (const [ms, patch] of steps) {
    world.later(ms, () => {
      // A delete in between wins.
      if (world.servers.get(id)?.taskState !== 'deleting') change(world, id, patch);
    });
  }
}

/** Changes a server and moves its `updated` on, as every step in Nova does. */
export function change(world: World, id: string, patch: Partial<Server>): Server | undefined {
  return world.servers.update(id, { ...patch, updated: world.now() });
}
