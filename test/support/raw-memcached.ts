import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What lies under one key of a memcached. */
export interface RawItem {
  readonly key: string;
  readonly value: Buffer;
  readonly flags: number;
}

/** Keys in one request; memcached's own bound on its line is far beyond. */
const AT_ONCE = 20;
const END_OF_LINE = '\r\n';

/** A memcached as somebody with a shell on its network has it: everything can be read, written and counted down. */
export class RawMemcached {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #arrived: () => void = () => {};
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#arrived();
    });
    const end = () => {
      this.#ended = true;
      this.#arrived();
    };
    socket.once('close', end).once('error', end);
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawMemcached> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new RawMemcached(socket);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Every key that there is. */
  async keys(): Promise<readonly string[]> {
    this.#socket.write(`lru_crawler metadump all${END_OF_LINE}`);
    // Its lines end in a bare line feed, but for the last.
    const lines = (await this.#line('END\r\n')).split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const key = /^key=(\S+)/.exec(line)?.[1];
      if (key === undefined) throw new Error(`expected a line of a metadump, got ${line}`);
      return decodeURIComponent(key);
    });
  }

  /** Everything that there is, less what ends meanwhile. */
  async dump(): Promise<readonly RawItem[]> {
    const keys = await this.keys();
    const items: RawItem[] = [];
    for (let from = 0; from < keys.length; from += AT_ONCE)
      items.push(...(await this.#getAll(keys.slice(from, from + AT_ONCE))));
    return items;
  }

  async get(key: string): Promise<RawItem | null> {
    return (await this.#getAll([key]))[0] ?? null;
  }

  async #getAll(keys: readonly string[]): Promise<readonly RawItem[]> {
    this.#socket.write(`get ${keys.join(' ')}${END_OF_LINE}`);
    const items: RawItem[] = [];
    for (let head = await this.#line(); head !== 'END'; head = await this.#line()) {
      const [, key = '', flags = '', bytes = ''] = /^VALUE (\S+) (\d+) (\d+)$/.exec(head) ?? [];
      if (!keys.includes(key)) throw new Error(`expected a value of what was asked for, got ${head}`);
      const value = await this.#bytes(Number(bytes));
      await this.#line();
      items.push({ key, value, flags: Number(flags) });
    }
    return items;
  }

  /** `seconds` as memcached takes them: 0 is for ever. */
  async set({ key, value, flags }: RawItem, seconds: number): Promise<void> {
    this.#socket.write(
      Buffer.concat([
        Buffer.from(`set ${key} ${flags} ${seconds} ${value.length}${END_OF_LINE}`),
        value,
        Buffer.from(END_OF_LINE),
      ]),
    );
    const answer = await this.#line();
    if (answer !== 'STORED') throw new Error(`expected memcached to store ${key}, got ${answer}`);
  }

  async delete(key: string): Promise<void> {
    this.#socket.write(`delete ${key}${END_OF_LINE}`);
    await this.#line();
  }

  async flush(): Promise<void> {
    this.#socket.write(`flush_all${END_OF_LINE}`);
    await this.#line();
  }

  async #line(mark = END_OF_LINE): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf(mark);
      if (end >= 0) {
        const line = this.#received.subarray(0, end).toString('latin1');
        this.#received = this.#received.subarray(end + mark.length);
        return line;
      }
      await this.#more();
    }
  }

  async #bytes(count: number): Promise<Buffer> {
    while (this.#received.length < count + END_OF_LINE.length) await this.#more();
    const bytes = Buffer.from(this.#received.subarray(0, count));
    this.#received = this.#received.subarray(count);
    return bytes;
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error('memcached closed the connection');
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
  }
}
