import type { World } from './world.js';

/** One known attack. Unless it says otherwise, nobody may be asked anything because of it. */
export interface Attack {
  readonly name: string;
  readonly tries: string;
  /** The bytes to send. */
  readonly bytes: (world: World) => Buffer;
  readonly status: number;
  /** The code of every error of the answer; null where it is to be an answer without errors. Absent: not looked at. */
  readonly code?: string | null;
  /** The limit that refuses it. */
  readonly limit?: string;
  /** It cannot be told from a query before OpenStack is asked. */
  readonly asksOpenStack?: true;
  readonly shows?: RegExp;
  readonly hides?: RegExp;
}

type Headers = readonly (readonly [name: string, value: string])[];

const BASE: Headers = [
  ['Host', '127.0.0.1'],
  ['Connection', 'close'],
];

/** A request as bytes; nothing is added or put right but `Host` and `Connection`. */
export function http(line: string, headers: Headers = [], body: Buffer | string = ''): Buffer {
  const lines = [...BASE, ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, Buffer.from(body)]);
}

/** A POST of this body to `/graphql`, by alice unless `headers` say otherwise. */
export function post(body: Buffer | string, headers?: (world: World) => Headers): (world: World) => Buffer {
  return (world) =>
    http(
      'POST /graphql',
      [
        ['Content-Type', 'application/json'],
        ['Content-Length', String(Buffer.byteLength(body))],
        ...(headers === undefined ? ([['X-Auth-Token', world.aliceToken]] as const) : headers(world)),
      ],
      body,
    );
}

/** A POST of a query as clients send it. */
export function query(text: string, variables?: object): (world: World) => Buffer {
  return post(JSON.stringify({ query: text, ...(variables === undefined ? {} : { variables }) }));
}

/** The same, of something that only the world knows. */
export function queryOf(make: (world: World) => { readonly query: string; readonly variables?: object }) {
  return (world: World): Buffer => post(JSON.stringify(make(world)))(world);
}

/** Bytes that are no well-formed request: `latin1`, so that each character is one byte. */
export function raw(text: (world: World) => string): (world: World) => Buffer {
  return (world) => Buffer.from(text(world), 'latin1');
}
