import { randomBytes } from 'node:crypto';
import { altered, ofAnotherKey, opaqueOf, opcodeOf } from './frames.js';
import type { Fate, Weather } from './wire.js';

type Garbler = (frames: readonly Buffer[], connection: number) => Fate;

/** Whether something happens that happens `share` of the time. */
function now(share: number): boolean {
  return Math.random() < share;
}

function oneOf<T>(choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(Math.random() * choices.length)] ?? choices[0];
}

/** Leaves most answers alone, so that the links keep coming back to be fooled again. */
function sometimes(garble: Garbler, share = 0.2): Weather {
  return {
    toClient: (frames, connection) => (now(share) ? garble(frames, connection) : Buffer.concat([...frames])),
  };
}

/** Changes one frame of those that came together. */
function onOne(change: (frame: Buffer) => Buffer): Garbler {
  return (frames) => {
    const chosen = Math.floor(Math.random() * frames.length);
    return Buffer.concat(frames.map((frame, index) => (index === chosen ? change(frame) : frame)));
  };
}

export function randomNoise(): Weather {
  return sometimes((frames) => randomBytes(frames.reduce((sum, frame) => sum + frame.length, 0)));
}

export function wrongHeaders(): Weather {
  return sometimes(
    onOne((frame) =>
      oneOf([
        () => altered(frame, { magic: 0x80 }),
        () => altered(frame, { opcode: oneOf([0x00, 0x01, 0x05, 0x0a, 0x0d, 0x20, 0x21]) }),
        () => altered(frame, { opaque: opaqueOf(frame) + oneOf([-1, 1, 2]) }),
        () => altered(frame, { opaque: Math.floor(Math.random() * 2 ** 32) }),
      ])(),
    ),
  );
}

export function wrongLengths(): Weather {
  return sometimes(
    onOne((frame) =>
      oneOf([
        () => altered(frame, { bodyLength: Math.max(0, frame.length - 24 - oneOf([1, 8, 24])) }),
        () => altered(frame, { bodyLength: frame.length - 24 + oneOf([1, 8, 24, 1000]) }),
        () => altered(frame, { keyLength: oneOf([0, 1, 250, 0xffff]) }),
        () => altered(frame, { bodyLength: 0x7fff_ffff }),
        () => altered(frame, { bodyLength: 0xffff_ffff }),
      ])(),
    ),
  );
}

export function textErrors(): Weather {
  const lines = [
    'ERROR\r\n',
    'SERVER_ERROR out of memory storing object\r\n',
    'CLIENT_ERROR bad data chunk\r\nEND\r\n',
  ];
  return sometimes(() => Buffer.from(lines[Math.floor(Math.random() * lines.length)] ?? ''));
}

/** What some other connection was answered last: in its own words, or with this one's numbers on it. */
export function answersOfOthers(): Weather {
  const last = new Map<number, readonly Buffer[]>();
  return {
    toClient: (frames, connection) => {
      const others = [...last].filter(([other]) => other !== connection).map(([, answers]) => answers);
      last.set(connection, frames);
      const theirs = others[Math.floor(Math.random() * others.length)];
      if (theirs === undefined || !now(0.2)) return Buffer.concat([...frames]);
      return Buffer.concat(now(0.5) ? [...theirs] : disguised(theirs, frames));
    },
  };
}

/**
 * Others' answers to the same kind of request, numbered as if they were these. Of other keys than any that may be asked for here: an
 * older answer for the same key is the replay of `docs/security.md`, which nobody can tell from the present.
 */
function disguised(theirs: readonly Buffer[], frames: readonly Buffer[]): Buffer[] {
  return frames.map((frame) => {
    const like = theirs.find((their) => opcodeOf(their) === opcodeOf(frame));
    return like === undefined ? frame : ofAnotherKey(altered(like, { opaque: opaqueOf(frame) }));
  });
}

/** Answers that came together in the reverse order, or kept back until the next ones have gone. */
export function outOfOrder(): Weather {
  const kept = new Map<number, Buffer>();
  return {
    toClient: (frames, connection) => {
      const before = kept.get(connection);
      kept.delete(connection);
      if (before !== undefined) return Buffer.concat([...frames, before]);
      if (!now(0.2)) return Buffer.concat([...frames]);
      if (now(0.5)) return Buffer.concat([...frames].reverse());
      kept.set(connection, Buffer.concat([...frames]));
      return null;
    },
  };
}

/** Ends the connection after a random number of bytes, on the way there or on the way back. */
export function cutMidway(): Weather {
  const cut = (bytes: Buffer): Fate =>
    now(0.05) ? { cutAfter: bytes.subarray(0, Math.floor(Math.random() * bytes.length)) } : bytes;
  return { toServer: cut, toClient: (frames) => cut(Buffer.concat([...frames])) };
}
