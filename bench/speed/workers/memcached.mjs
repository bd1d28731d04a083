// Many keys at once: the gateway's store beside what somebody would write who needs nothing but this, in one process.
import { once } from 'node:events';
import { connect } from 'node:net';
import { createMemcachedStore } from '../../../dist/cache/memcached.js';
import { answerParent, wanted } from './worker.mjs';

/** A row as it is cached, at its median. */
const VALUE_BYTES = 1258;
const SECONDS = 3600;
const END = 'END\r\n';

const keyOf = (index) => `bench/${String(index).padStart(40, '0')}`;

/** One write, one answer: no deadline, no faults, no checks. */
class MultiGet {
  #socket;
  #chunks = [];
  #resolve = null;

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      if (chunk.length < END.length || chunk.toString('latin1', chunk.length - END.length) !== END) return;
      this.#resolve(valuesIn(Buffer.concat(this.#chunks.splice(0))));
    });
  }

  static async open(port) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new MultiGet(socket);
  }

  getMany(keys) {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#socket.write(`get ${keys.join(' ')}\r\n`);
    });
  }
}

/** `VALUE key flags length`, the value, and so on until `END`. */
function valuesIn(bytes) {
  const values = new Map();
  for (let at = 0; bytes[at] === 0x56; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const [, key, , length] = bytes.latin1Slice(at, lineEnd).split(' ');
    const begin = lineEnd + 2;
    const end = begin + Number(length);
    values.set(key, bytes.subarray(begin, end));
    at = end + 2;
  }
  return values;
}

const store = createMemcachedStore([`127.0.0.1:${wanted.port}`]);
const byHand = await MultiGet.open(wanted.port);
for (let index = 0; index < wanted.keys; index += 1)
  await store.set(keyOf(index), Buffer.alloc(VALUE_BYTES, 'v'), SECONDS);

/** Milliseconds and milliseconds of processor time of one look for so many keys, over so many looks. */
async function take({ who, keys, looks }) {
  const names = Array.from({ length: keys }, (_, index) => keyOf(index));
  const getMany = who === 'store' ? () => store.getMany(names) : () => byHand.getMany(names);
  const cpu = process.cpuUsage();
  const began = performance.now();
  let found;
  for (let look = 0; look < looks; look += 1) found = await getMany();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const whole = [...found.values()].filter((held) => (held?.value ?? held)?.length === VALUE_BYTES);
  if (whole.length !== keys) throw new Error(`expected ${keys} values of ${VALUE_BYTES} bytes, got ${whole.length}`);
  return { ms: ms / looks, cpu: (user + system) / 1000 / looks };
}

answerParent(take);
