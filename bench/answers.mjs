// What a whole answer that is kept costs: the processor time of a gateway for one page again and again, against a plain node:http server
// that writes the same bytes. They take turns, half a second each. Needs `npm run build` and, for its second half, Debian's memcached.
//
//   npm run bench:answers -- [rounds, default 12] [connections, default 8]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createDemoCloud } from '../dist/demo/index.js';

const ROUNDS = Number(process.argv[2] ?? 12);
const CONNECTIONS = Number(process.argv[3] ?? 8);
const ROUND_MS = 500;
const WARM_UP = 1500;
const FIELDS = 'id name status createdAt flavor { id name } image { id name } ports { id status network { id name } }';
const PAGES = [1, 100, 1000].map((rows) => ({ rows, query: `{ servers(first: ${rows}) { nodes { ${FIELDS} } } }` }));
const LOGIN = `mutation { issueToken(input: { password: { username: "alice", password: "alice-secret", userDomainName: "Default" },
  scope: { projectName: "demo-a", projectDomainName: "Default" } }) { token } }`;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function post(url, headers, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    sent.once('error', reject).once('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).once('end', () => resolve(Buffer.concat(chunks)));
    });
    sent.end(body);
  });
}

async function ask(url, token, query) {
  const headers = { 'content-type': 'application/json', ...(token ? { 'x-auth-token': token } : {}) };
  return post(`${url}/graphql`, headers, JSON.stringify({ query }));
}

/** The plain server, in a process of its own as the gateway is: it reads the request's body, as anybody must. */
const PLAIN = `
  import { createServer } from 'node:http';
  const bodies = new Map();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      const told = Buffer.concat(chunks);
      if (request.method === 'PUT') { bodies.set(request.url, told); return response.end(); }
      const body = bodies.get(request.url);
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
      response.end(body);
    });
  }).listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));
`;

async function started(args, env, input) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'],
  });
  if (input !== undefined) child.stdin.end(input);
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const url = /^listening on (http:\/\/[^\s/]+)/m.exec(text)?.[1];
    if (url) {
      child.stdout.resume();
      return { url, pid: child.pid, stop: () => child.kill('SIGKILL') };
    }
  }
  throw new Error(`it ended before it listened: ${text}`);
}

/** `count` requests, as many at a time as there are connections. */
async function times(count, send) {
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
}

/** Linux counts processor time in hundredths of a second. */
const TICK = 100;

/** Seconds of processor time that a process has used so far. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICK;
}

/** The server's processor time and the requests that it answered in one round. */
async function round({ pid }, send) {
  const until = performance.now() + ROUND_MS;
  const before = cpu(pid);
  let done = 0;
  const client = async () => {
    while (performance.now() < until) {
      await send();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { cpu: cpu(pid) - before, done };
}

async function freeMemcached() {
  const port = 21_000 + Math.floor(Math.random() * 20_000);
  const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : [];
  const child = spawn('/usr/bin/memcached', ['-l', '127.0.0.1', '-p', String(port), '-U', '0', ...asRoot], {
    stdio: 'ignore',
  });
  await wait(300);
  return { address: `127.0.0.1:${port}`, stop: () => child.kill('SIGKILL') };
}

const memcached = await freeMemcached();
const plain = await started(['--input-type=module', '-'], {}, PLAIN);
// Nothing changes while it is measured, and nothing ends: rows in transition would be read anew every other second.
const cloud = await createDemoCloud({ servers: 2600, pace: 0 });
const TTL = 'Server=3600,Port=3600,Network=3600,Image=3600,Flavor=3600';
const common = { HOST: '127.0.0.1', PORT: '0', OS_AUTH_URL: cloud.authUrl, DRAIN_SECONDS: '0', CACHE_TTL: TTL };

/** How many queries were answered whole, and how many executed. */
async function outcomes({ url }) {
  const page = await (await fetch(`${url}/metrics`)).text();
  const of = (outcome) => Number(new RegExp(`answers_total\\{outcome="${outcome}"\\} (\\d+)`).exec(page)?.[1] ?? 0);
  return { hits: of('hit'), misses: of('miss') };
}

for (const [name, env] of [
  ['embedded', {}],
  ['memcached', { MEMCACHED_SERVERS: memcached.address, CACHE_SECRET: 'not a secret but long enough to seal with' }],
]) {
  const gateway = await started(['--max-semi-space-size=64', '--no-memory-reducer', 'dist/main.js'], {
    ...common,
    ...env,
  });
  const { data } = JSON.parse(await ask(gateway.url, null, LOGIN));
  const { token } = data.issueToken;
  for (const { rows, query } of PAGES) {
    let body = Buffer.of();
    for (let time = 0; time < 4; time += 1) body = await ask(gateway.url, token, query);
    const path = `${plain.url}/${name}-${rows}`;
    await fetch(path, { method: 'PUT', body });
    const asked = JSON.stringify({ query });
    const askOurs = () => ask(gateway.url, token, query);
    const askPlain = () => post(path, { 'content-type': 'application/json', 'x-auth-token': token }, asked);
    // What is measured is code that the compiler has seen often, on both sides.
    await times(WARM_UP, askOurs);
    await times(WARM_UP, askPlain);
    const before = await outcomes(gateway);
    const total = { ours: { cpu: 0, done: 0 }, raw: { cpu: 0, done: 0 } };
    const add = (sum, { cpu, done }) => Object.assign(sum, { cpu: sum.cpu + cpu, done: sum.done + done });
    for (let count = 0; count < ROUNDS; count += 1) {
      add(total.ours, await round(gateway, askOurs));
      add(total.raw, await round(plain, askPlain));
    }
    const after = await outcomes(gateway);
    const per = ({ cpu, done }) => (cpu * 1e6) / done;
    console.log(
      `${name}, ${rows} rows, ${(body.length / 1000).toFixed(1)} kB: ${per(total.ours).toFixed(0)} µs, plain ${per(total.raw).toFixed(0)} µs, ratio ${(per(total.ours) / per(total.raw)).toFixed(2)}, ${after.hits - before.hits} whole, ${after.misses - before.misses} executed`,
    );
  }
  gateway.stop();
}
plain.stop();
memcached.stop();
await cloud.close();
agent.destroy();
