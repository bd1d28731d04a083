// What counting costs: a warm page of the demo cloud (a hundred servers with ports and networks) at two gateways of one process, one that
// counts and one that does not. They take turns, since the machine's speed changes from minute to minute. Needs `npm run build`.
//
//   npm run bench:metrics -- [rounds, default 30]
import { pino } from 'pino';
import { NO_AUTH_FIGURES } from '../dist/auth/figures.js';
import { NO_CACHE_FIGURES, NO_STORE_FIGURES } from '../dist/cache/figures.js';
import { readConfig } from '../dist/config.js';
import { createDemoCloud } from '../dist/demo/index.js';
import { createGateway } from '../dist/gateway.js';
import { NO_HTTP_FIGURES } from '../dist/http/figures.js';
import { NO_REST_FIGURES } from '../dist/rest/figures.js';
import { startServer } from '../dist/server.js';

const ROUNDS = Number(process.argv[2] ?? 30);
const PAGES = 10;
const PAGE = '{ servers(first: 100) { nodes { id name status ports { id network { id name } } } } }';
const LOGIN = `mutation { issueToken(input: { password: { username: "alice", password: "alice-secret", userDomainName: "Default" },
  scope: { projectName: "demo-a", projectDomainName: "Default" } }) { token } }`;
const NOTHING = {
  auth: NO_AUTH_FIGURES,
  cache: NO_CACHE_FIGURES,
  store: NO_STORE_FIGURES,
  rest: NO_REST_FIGURES,
  figures: NO_HTTP_FIGURES,
  unconfirmed: () => {},
  page: async () => ({ type: 'text/plain', text: '' }),
};

async function start(cloud, metrics) {
  const config = readConfig({ env: { OS_AUTH_URL: cloud.authUrl, PORT: '0' }, cwd: '/', cachedTypes: null });
  const log = pino({ level: 'silent' });
  const parts = await createGateway({ config, cloud: config.cloud, singleUser: false, log, ...metrics });
  return startServer({ ...config, log }, parts);
}

async function ask(url, token, query) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { 'x-auth-token': token } : {}) },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Milliseconds of processor time per page, the client's own included: what else runs on the machine counts less so. */
async function round(url, token) {
  const began = process.cpuUsage();
  for (let page = 0; page < PAGES; page += 1) await ask(url, token, PAGE);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / PAGES;
}

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

const cloud = await createDemoCloud({ servers: 160, pace: 0 });
const servers = [await start(cloud, {}), await start(cloud, { metrics: NOTHING })];
const { issueToken } = await ask(servers[0].url, null, LOGIN);
for (const { url } of servers) for (let warm = 0; warm < 5; warm += 1) await round(url, issueToken.token);
const took = [[], []];
for (let turn = 0; turn < ROUNDS; turn += 1) {
  for (const which of turn % 2 === 0 ? [0, 1] : [1, 0])
    took[which].push(await round(servers[which].url, issueToken.token));
}
const ratio = median(took[0].map((ms, turn) => ms / took[1][turn]));
console.log(
  `warm page, processor time, median of ${ROUNDS} rounds of ${PAGES}: counting ${median(took[0]).toFixed(2)} ms, not counting ${median(took[1]).toFixed(2)} ms`,
);
console.log(`ratio, median of the rounds' own: ${ratio.toFixed(3)}`);
await Promise.all(servers.map((server) => server.stop()));
await cloud.close();
