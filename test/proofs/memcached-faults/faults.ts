import type { RunningMemcached } from '../../memcached.js';
import {
  answersOfOthers,
  cutMidway,
  outOfOrder,
  randomNoise,
  textErrors,
  wrongHeaders,
  wrongLengths,
} from './garbage.js';
import { crowd, type Pool, say, weather } from './pool.js';
import type { Weather } from './wire.js';

/** Something that goes wrong with memcached for a while. */
export interface Fault {
  /** For `--only`. */
  readonly name: string;
  /** For the table. */
  readonly title: string;
  /** The replicas reach memcached through a proxy. */
  readonly wired: boolean;
  /** `/readyz` has to say so while it lasts. */
  readonly told: boolean;
  begin(pool: Pool): unknown;
  /** Again and again while it lasts. */
  during?(pool: Pool): unknown;
  end(pool: Pool): unknown;
}

/** The least that memcached starts with. Each size class gets its first MiB in any case. */
const TINY = ['-m', '2'];
const MIB = 2 ** 20;

export const FAULTS: readonly Fault[] = [
  {
    name: 'killed',
    title: 'one of two killed',
    wired: false,
    told: true,
    begin: ({ servers: [first] }) => first?.kill(),
    end: ({ servers: [first] }) => first?.start(),
  },
  {
    name: 'killed-all',
    title: 'both killed',
    wired: false,
    told: true,
    begin: ({ servers }) => each(servers, (server) => server.kill()),
    end: ({ servers }) => each(servers, (server) => server.start()),
  },
  {
    name: 'stopped',
    title: 'one of two stopped (SIGSTOP), then continued',
    wired: false,
    told: true,
    begin: ({ servers: [first] }) => first?.pause(),
    end: ({ servers: [first] }) => first?.resume(),
  },
  {
    name: 'stopped-all',
    title: 'both stopped, then continued',
    wired: false,
    told: true,
    begin: ({ servers }) => each(servers, async (server) => server.pause()),
    end: ({ servers }) => each(servers, async (server) => server.resume()),
  },
  {
    name: 'restarted',
    title: 'one restarted empty, over and over',
    wired: false,
    told: false,
    begin: () => {},
    during: ({ servers: [first] }) => first?.kill().then(() => first.start()),
    end: () => {},
  },
  {
    name: 'flushed',
    title: 'both flushed (`flush_all`), over and over',
    wired: false,
    told: false,
    begin: () => {},
    during: ({ servers }) => each(servers, (server) => say(server, 'flush_all')),
    end: () => {},
  },
  refilled('full', 'both full (`-m 2`), evicting', TINY),
  refilled('full-errors', 'both full (`-m 2 -M`), "out of memory"', [...TINY, '-M']),
  {
    name: 'crashing',
    title: 'both crash at the first values that they are to store (`-I 2k` of memcached 1.6.18), over and over',
    wired: false,
    told: false,
    begin: () => {},
    during: ({ servers }) => each(servers, restartToCrash),
    end: (pool) => restart(pool, []),
  },
  stormy('slow-5', 'both 5 ms slow', () => ({ delay: 5 }), 'all'),
  stormy('slow-50', 'both 50 ms slow', () => ({ delay: 50 }), 'all'),
  { ...stormy('slow-500', 'both 500 ms slow', () => ({ delay: 500 }), 'all'), told: true },
  stormy('cut', 'cut after a random number of bytes, both ways', cutMidway),
  stormy('noise', 'answers random bytes', randomNoise),
  stormy('headers', 'answers with a wrong magic, opcode or opaque', wrongHeaders),
  stormy('lengths', 'answers with wrong lengths, up to 4 GiB', wrongLengths),
  stormy('text', 'answers errors of the text protocol', textErrors),
  stormy('others', 'gives answers that other connections got', answersOfOthers),
  stormy('order', 'answers out of order', outOfOrder),
  { ...stormy('hole', 'accepts and never answers', () => ({ hole: true })), told: true },
];

/** Bad weather on one wire or all; whatever was under way goes on in it. */
function stormy(name: string, title: string, storm: () => Weather, of: 'first' | 'all' = 'first'): Fault {
  return {
    name,
    title,
    wired: true,
    told: false,
    begin: (pool) => weather(pool, of, storm()),
    end: (pool) => {
      weather(pool, of, {});
      // What was accepted and never served stays so for ever.
      pool.wires[0]?.cut();
    },
  };
}

/** Servers with hardly any room, and a crowd that wants it. */
function refilled(name: string, title: string, args: readonly string[]): Fault {
  return {
    name,
    title,
    wired: false,
    told: false,
    begin: async (pool) => {
      await restart(pool, args);
      await crowds(pool, MIB);
    },
    during: (pool) => crowds(pool, MIB / 5),
    end: (pool) => restart(pool, []),
  };
}

/** So many bytes of others' values for each size class that ours are in. */
function crowds({ servers }: Pool, bytes: number): Promise<unknown> {
  return each(servers, async (server) => {
    for (let size = 60; size < 5000; size *= 1.25) await crowd(server, Math.ceil(bytes / size), Math.round(size));
  });
}

async function restart({ servers }: Pool, args: readonly string[]): Promise<void> {
  await each(servers, async (server) => {
    await server.kill();
    await server.start(args);
  });
}

/** With slabs so small memcached 1.6.18 dies of a segmentation fault, under load sometimes before it is known to be there. */
async function restartToCrash(server: RunningMemcached): Promise<void> {
  await server.kill();
  await server.start(['-I', '2k', '-o', 'slab_chunk_max=1']).catch(() => undefined);
}

function each<T>(servers: readonly T[], work: (server: T) => Promise<unknown>): Promise<unknown> {
  return Promise.all(servers.map(work));
}
