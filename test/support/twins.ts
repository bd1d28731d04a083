import { setTimeout as wait } from 'node:timers/promises';
import { registry } from '../../src/services/registry.js';

/**
 * `npm run test:shortcuts`: each gateway of a test has a twin that takes no shortcut and keeps nothing, and every query that
 * the test asks is asked of both. Their answers have to be the same to the byte.
 */
export const hasTwins = process.env['COMPARE_SHORTCUTS'] === '1';

/** What makes a gateway a twin: always from OpenStack, by graphql-js, one relation after the other. */
export const TWIN_ENV = {
  SHORTCUTS_OFF: 'all',
  CACHE_TTL: Object.keys(registry)
    .map((type) => `${type}=0`)
    .join(','),
};

const twins = new Map<string, string>();
/** What is asked a third time is compiled, then found parsed, then put together of texts, by Apollo Server and then without it. */
const AGAIN = 6;
/** A cloud goes on between the two questions: then both are asked anew, past every cache. */
const TRIES = 4;
const PAUSE_MS = 1100;

/** Whoever asks the gateway at `url` asks the one at `twinUrl` as well. */
export function pairUp(url: string, twinUrl: string): void {
  twins.set(url, twinUrl);
}

/** What a test asked, and what it was told. */
interface Asked {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

let compared = 0;
let anew = 0;

/** Throws where the gateway's twin answers something else. */
export async function compareWithTwin({ url, body, headers, text }: Asked): Promise<void> {
  const twin = twins.get(url);
  if (twin === undefined || !isQuery(body)) return;
  compared += 1;
  let [own, others] = [comparable(text), comparable(await post(twin, body, headers))];
  // Not `no-cache`, which is granted once a second: the test may be counting on it.
  const { 'cache-control': _, 'x-explain': __, ...asEver } = headers;
  for (let times = 0; times < AGAIN && own === others; times += 1) {
    own = comparable(await post(url, bodyOnceMore(body, times), asEver));
  }
  for (let attempt = 1; own !== others && attempt < TRIES; attempt += 1) {
    if (attempt === 1) anew += 1;
    await wait(PAUSE_MS);
    const fresh = { ...headers, 'cache-control': 'no-cache' };
    const both = await Promise.all([post(url, body, fresh), post(twin, body, fresh)]);
    [own, others] = both.map(comparable) as [string, string];
  }
  // Each remembers for some seconds by itself what Keystone said of a token.
  if (own === others || [own, others].some((text) => text.includes('UNAUTHENTICATED'))) return;
  throw new Error(`shortcuts change an answer to ${body.slice(0, 2000)}\nwith:    ${own}\nwithout: ${others}`);
}

/** How much was compared; once, when a file's tests are over. */
export function tellOfTwins(): void {
  if (hasTwins && compared > 0) console.log(`answers compared with shortcuts off: ${compared}, of them anew: ${anew}`);
}

/** Asks the same with a variable that the query does not declare: no whole answer is kept for it, so that it is executed. */
function bodyOnceMore(body: string, times: number): string {
  const { variables, ...others } = JSON.parse(body) as { variables?: object };
  return JSON.stringify({ ...others, variables: { ...variables, onceMore: times } });
}

function isQuery(body: string): boolean {
  const { query } = JSON.parse(body) as { query?: unknown };
  return typeof query === 'string' && !/^\s*(?:mutation|subscription)\b/m.test(query);
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<string> {
  return (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).text();
}

/** Data and errors as they are written; request ids are new each time, and explanations tell how it was done. */
function comparable(text: string): string {
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
  return JSON.stringify({ data, errors }, (key, value: unknown) => (key === 'requestId' ? undefined : value));
}
