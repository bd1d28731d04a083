// A process of its own that does nothing but ask the cache, as each wave of a query does, with a REST that takes no time:
// whatever a wave takes here is the cache's doing, or this process's own lag, which is measured beside it.
// Messages: 'take' answers with { waves: [[begun, ms, kind], ...], lags: [[at, ms], ...], wrong } since the last one.
import { Secret } from '../../../dist/auth/scope.js';
import { createMemcachedStore } from '../../../dist/cache/memcached.js';
import { createCache } from '../../../dist/cache/protocol.js';

const WAVE_EVERY_MS = 20;
const TICK_MS = 2;
const KEYS = 8;

const store = createMemcachedStore(process.env.SERVERS.split(','));
const cache = createCache({ store, secrets: [new Secret(process.env.SECRET)] });
const now = () => performance.timeOrigin + performance.now();
let waves = [];
let lags = [];
let wrong = 0;
let serial = 0;

const lookup = (key) => ({ key: `Wave/row/${key}`, stamps: [`wave/${key}`], ttl: () => 60, stale: false });
const fetchAtOnce = async (missing) => new Map(missing.map(({ key }) => [key, { key }]));

async function wave(kind) {
  serial += 1;
  const keys = Array.from({ length: KEYS }, (_, index) =>
    kind === 'hit' ? `${index}` : `${process.pid}/${serial}/${index}`,
  );
  const begun = now();
  const found = await cache.read(keys.map(lookup), fetchAtOnce, { bypass: false });
  waves.push([begun, now() - begun, kind]);
  if (keys.some((key) => found.get(`Wave/row/${key}`)?.key !== `Wave/row/${key}`)) wrong += 1;
}

let due = now() + TICK_MS;
setInterval(() => {
  const late = now() - due;
  if (late > 1) lags.push([due, late]);
  due = now() + TICK_MS;
}, TICK_MS);
setInterval(() => void wave(serial % 4 === 0 ? 'miss' : 'hit'), WAVE_EVERY_MS);

process.on('message', () => {
  process.send({ waves, lags, wrong });
  waves = [];
  lags = [];
});
process.on('disconnect', () => process.exit(0));
