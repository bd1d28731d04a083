// The executor alone, without HTTP, parsing and loading: milliseconds of processor time of an interpreted and of a compiled page of servers
// with their images and ports, all of whose rows are at hand, beside JSON.stringify of the same result. They take turns in
// one run, since the machine's speed changes from minute to minute. Needs `npm run build`.
//
//   npm run bench:executor -- [rounds, default 40]
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { createExecutor } from '../dist/graph/compiled.js';
import { executableSchema } from '../dist/graph/schema.js';
import { inRegion } from '../dist/row.js';

const ROUNDS = Number(process.argv[2] ?? 40);
const PAGE =
  parse(`query Page($first: Int!) { servers(first: $first) { nodes { id name status taskState createdAt locked
  metadata { key value } addresses { address version } image { id name size }
  ports { id name macAddress fixedIps { ipAddress subnetId } } } pageInfo { hasNextPage endCursor } } }`);
const { schema } = executableSchema(fileURLToPath(new URL('../schema', import.meta.url)));

const row = (wire) => inRegion(wire, 'RegionOne');
const image = row({ id: 'a1b2c3d4-0000-4000-8000-000000000001', name: 'cirros', size: 16300544 });
const port = (number) =>
  row({
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '1')}`,
    name: '',
    mac_address: 'fa:16:3e:00:00:01',
    fixed_ips: [{ ip_address: '10.0.0.7', subnet_id: '00000000-0000-4000-8000-000000000002' }],
  });
const server = (number) =>
  row({
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    name: `web-${number}`,
    status: 'ACTIVE',
    'OS-EXT-STS:task_state': null,
    created: '2026-11-01T12:00:00Z',
    locked: false,
    metadata: { role: 'web', stage: 'test' },
    addresses: { private: [{ addr: '10.0.0.7', version: 4, 'OS-EXT-IPS:type': 'fixed' }] },
    ports: [port(number)],
  });

function resolveWith(type, field, resolve) {
  schema.getType(type).getFields()[field].resolve = resolve;
}
const pages = new Map([100, 1000].map((size) => [size, Array.from({ length: size }, (_, number) => server(number))]));
const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: 'end' };
resolveWith('Query', 'servers', (_root, { first }) => ({ nodes: pages.get(first), pageInfo }));
resolveWith('Server', 'image', () => image);
resolveWith('Server', 'ports', (row) => row.ports);

const context = { rewind() {} };
const AT_ONCE = { compile: true, compileAt: 1, later: (run) => run() };
const executors = {
  interpreted: createExecutor(schema, { compile: false }),
  compiled: createExecutor(schema, AT_ONCE),
};
const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** Processor time: the machine may be busy with other things. */
function milliseconds(run) {
  const began = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(began);
  return [(user + system) / 1000, result];
}

for (const size of pages.keys()) {
  const took = { interpreted: [], compiled: [], stringify: [] };
  for (let round = -5; round < ROUNDS; round += 1) {
    const turn = {};
    const texts = {};
    for (const [name, execute] of Object.entries(executors)) {
      const request = { document: PAGE, variables: { first: size }, contextValue: context };
      const [executed, result] = milliseconds(() => execute(request));
      const [written, text] = milliseconds(() => JSON.stringify(result));
      turn[name] = executed;
      turn.stringify = written;
      texts[name] = text;
      if (result.errors) throw new Error(`expected no errors, got ${result.errors[0]}`);
    }
    if (texts.interpreted !== texts.compiled) throw new Error('expected the same bytes, got others');
    // The first rounds warm the machine up.
    if (round >= 0) for (const name of Object.keys(took)) took[name].push(turn[name]);
  }
  const ratio = (name) => median(took[name].map((ms, turn) => ms / took.stringify[turn])).toFixed(2);
  const ms = (name) => median(took[name]).toFixed(2);
  console.log(
    `${size} rows, medians of ${ROUNDS} rounds: interpreted ${ms('interpreted')} ms (${ratio('interpreted')} × JSON.stringify), ` +
      `compiled ${ms('compiled')} ms (${ratio('compiled')} ×), JSON.stringify ${ms('stringify')} ms; ` +
      `compiled is ${median(took.interpreted.map((ms, turn) => ms / took.compiled[turn])).toFixed(1)} times as fast`,
  );
}
const [once] = milliseconds(() =>
  createExecutor(
    schema,
    AT_ONCE,
  )({
    document: PAGE,
    variables: { first: 100 },
    contextValue: context,
  }),
);
console.log(`an executor of its own and one compilation: ${once.toFixed(1)} ms`);
