import { Random } from '../../src/demo/random.js';
import { type Data, nextRead, type Read } from './reads.js';
import { type Answered, Sender } from './send.js';
import type { Asker } from './truth.js';
import { type Write, Writes } from './writes.js';

/** Of all requests; the rest only read. */
const WRITES = 0.04;
/** Of the reads, the share whose content is compared with what the cloud itself said. Every answer is looked at for errors. */
const COMPARED = 0.1;
/** What a right answer never holds: each is a part of `errors` or `extensions` of the answer's own. */
const WRONG = ['"errors":', '"refused":', '"stale":'];
/** The answer of a mutation that memcached did not acknowledge in time: right, but others may still see what was before. */
const UNCONFIRMED = '"unconfirmed":';

/** The load's requests, and what was wrong with their answers. */
export class Traffic {
  /** At most so many as fit on a page. */
  readonly problems: string[] = [];
  errors = 0;
  reads = 0;
  compared = 0;
  writes = 0;
  unconfirmed = 0;
  readonly #senders: readonly Sender[];
  readonly #askers: readonly Asker[];
  readonly #random: Random;
  readonly #writes: Writes;

  constructor(urls: readonly string[], askers: readonly Asker[], seed: number) {
    this.#senders = urls.map((url) => new Sender(url));
    this.#askers = askers;
    this.#random = new Random(seed);
    this.#writes = new Writes(askers, this.#random);
  }

  /** Opens the connections to all gateways. */
  async open(): Promise<void> {
    const token = this.#askers[0]?.token ?? '';
    await Promise.all(this.#senders.map((sender) => sender.open(token)));
  }

  /** One request with the checks of its answer; what goes wrong is counted, never thrown. */
  async one(): Promise<void> {
    const write = this.#random.next() < WRITES ? this.#writes.next() : null;
    const at = this.#random.between(0, this.#senders.length);
    try {
      if (write === null) await this.#read(nextRead(this.#random, this.#askers), at);
      else await this.#write(write, at);
    } catch (error) {
      this.#wrong(error instanceof Error ? error.message : String(error));
    }
  }

  /** Deletes what its mutations have made. */
  async cleanUp(): Promise<void> {
    for (const write of this.#writes.last()) {
      try {
        await this.#write(write, 0);
      } catch (error) {
        this.#wrong(error instanceof Error ? error.message : String(error));
      }
    }
  }

  close(): void {
    for (const sender of this.#senders) sender.close();
  }

  async #read({ asker, query, variables, check }: Read, at: number): Promise<void> {
    this.reads += 1;
    const compare = this.#random.next() < COMPARED;
    const text = await this.#ask(at, asker, query, variables);
    if (!compare) return;
    this.compared += 1;
    const problem = check(dataOf(text));
    if (problem !== null) this.#wrong(`${asker.user.name}: ${problem}`);
  }

  /** A mutation, and behind its answer a query at the next gateway, which must see it. */
  async #write(write: Write, at: number): Promise<void> {
    this.writes += 1;
    try {
      const text = await this.#ask(at, write.asker, write.query, write.variables);
      const confirmation = write.done(dataOf(text));
      if (confirmation === null) throw new Error(`${write.query}: no row in the answer`);
      const { query, variables, check } = confirmation;
      const after = await this.#ask((at + 1) % this.#senders.length, write.asker, query, variables);
      const problem = check(dataOf(after));
      const excused = text.includes(UNCONFIRMED);
      if (excused) this.unconfirmed += 1;
      else if (problem !== null) throw new Error(`${write.asker.user.name}: ${problem}`);
    } finally {
      write.free();
    }
  }

  async #ask(at: number, { token }: Asker, query: string, variables: object): Promise<string> {
    const sender = this.#senders[at];
    if (sender === undefined) throw new Error(`expected one of ${this.#senders.length} gateways, got ${at}`);
    const answer = await sender.send(token, query, variables);
    if (isRight(answer)) return answer.text;
    throw new Error(`${query.slice(0, 60)}…: ${answer.status} ${answer.text.slice(0, 400)}`);
  }

  #wrong(problem: string): void {
    this.errors += 1;
    if (this.problems.length < 20) this.problems.push(problem);
  }
}

function isRight({ status, text }: Answered): boolean {
  return status === 200 && text.startsWith('{"data":') && !WRONG.some((wrong) => text.includes(wrong));
}

function dataOf(text: string): Data {
  return (JSON.parse(text) as { readonly data: Data }).data;
}
