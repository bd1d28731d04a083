import { startMemcached } from '../../test/memcached.js';
import type { Replica } from '../../test/support/replica.js';
import { type Cloud, login, serversFor, startCloud } from './cloud.js';
import { ask, type Setting, startGateway } from './gateways.js';
import { Started, startWorker, type Worker } from './processes.js';
import { page, type Question } from './queries.js';
import type { Arena, Contestant } from './rounds.js';

/** Everybody who answers warm pages, as the table calls them. */
export const WHO = {
  embedded: 'stratograph',
  memcached: 'stratograph, memcached',
  plain: 'stratograph, SHORTCUTS_OFF=all',
  raw: 'ready-made bytes',
  stringify: 'JSON.stringify of the same object',
  apollo: 'Apollo Server, defaults, rows in memory',
} as const;

export type GatewayName = 'embedded' | 'memcached' | 'plain';
type WireName = 'raw' | 'stringify' | 'apollo';

/** Rows that alice has: the largest page that there is. */
export const ROWS = 1000;
/** An hour: no row of a warm page may run out of time while others have their turn. */
const TTL = 3600;

/** A cloud, gateways with all rows of alice in their caches, and servers that write the same bytes. */
export class Warm implements Arena {
  readonly generator: Worker<unknown>;
  /** The id of one of alice's servers. */
  readonly id: string;
  readonly #cloud: Cloud;
  readonly #gateways: Readonly<Record<GatewayName, Replica>>;
  readonly #wires: Readonly<Record<WireName, Worker<{ readonly url: string }>>>;
  readonly #token: string;
  readonly #started: Started;

  private constructor(parts: {
    readonly generator: Worker<unknown>;
    readonly id: string;
    readonly cloud: Cloud;
    readonly gateways: Readonly<Record<GatewayName, Replica>>;
    readonly wires: Readonly<Record<WireName, Worker<{ readonly url: string }>>>;
    readonly token: string;
    readonly started: Started;
  }) {
    this.generator = parts.generator;
    this.id = parts.id;
    this.#cloud = parts.cloud;
    this.#gateways = parts.gateways;
    this.#wires = parts.wires;
    this.#token = parts.token;
    this.#started = parts.started;
  }

  static async start(): Promise<Warm> {
    const started = new Started();
    try {
      const cloud = await started.add(startCloud(serversFor(ROWS), 'none'));
      const memcached = await started.add(startMemcached({ args: ['-m', '256'] }));
      const gateway = (setting: Setting) => started.add(startGateway(cloud.authUrl, { ttl: TTL, ...setting }));
      const gateways = {
        embedded: await gateway({}),
        memcached: await gateway({ memcached: memcached.address }),
        plain: await gateway({ shortcutsOff: 'all' }),
      };
      const wires = {
        raw: await started.add(startWorker<{ readonly url: string }>('bytes', { kind: 'raw' })),
        stringify: await started.add(startWorker<{ readonly url: string }>('bytes', { kind: 'stringify' })),
        apollo: await started.add(startWorker<{ readonly url: string }>('apollo')),
      };
      const generator = await started.add(startWorker('generator'));
      const { token } = await login(cloud.authUrl, 'alice', 'demo-a');
      const nodes = nodesOf((await ask(gateways.embedded.url, token, page(ROWS))).text);
      if (nodes.length !== ROWS) throw new Error(`expected ${ROWS} servers of alice, got ${nodes.length}`);
      await wires.apollo.ask(nodes);
      return new Warm({ generator, id: nodes[0]?.id ?? '', cloud, gateways, wires, token, started });
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** A gateway that is asked the same again and again. */
  repeated(name: GatewayName, question: Question): Contestant {
    return this.#gateway(name, () => [JSON.stringify(question)]);
  }

  /** A gateway that is never asked the same twice. */
  varied(name: GatewayName, questionOf: (number: number) => Question): Contestant {
    let number = 0;
    return this.#gateway(name, (count) =>
      Array.from({ length: count }, () => {
        number += 1;
        return JSON.stringify(questionOf(number));
      }),
    );
  }

  /** A server that writes what the gateways answer to the question; all of them must answer the same. */
  async wire(name: 'raw' | 'stringify', question: Question): Promise<Contestant> {
    const asked = Object.values(this.#gateways).map(({ url }) => ask(url, this.#token, question));
    const [text = '', ...others] = (await Promise.all(asked)).map((answer) => answer.text);
    if (others.some((other) => other !== text))
      throw new Error(`expected all gateways to answer ${question.query} the same, they do not`);
    const path = `/${Buffer.from(JSON.stringify(question)).toString('base64url').slice(-200)}`;
    await this.#wires[name].ask({ path, text });
    return this.#wire(name, path, question);
  }

  async calls(): Promise<number> {
    return Object.values(await this.#cloud.calls()).reduce((sum, count) => sum + count, 0);
  }

  /** Apollo Server. */
  apollo(question: Question): Contestant {
    return this.#wire('apollo', '/', question);
  }

  stop(): Promise<void> {
    return this.#started.stop();
  }

  #gateway(name: GatewayName, bodies: (count: number) => readonly string[]): Contestant {
    const { url, pid } = this.#gateways[name];
    return { name: WHO[name], url, pid, path: '/graphql', token: this.#token, bodies };
  }

  #wire(name: WireName, path: string, question: Question): Contestant {
    const { pid, hello } = this.#wires[name];
    const bodies = [JSON.stringify(question)];
    return { name: WHO[name], url: hello.url, pid, path, token: this.#token, bodies: () => bodies };
  }
}

interface Node {
  readonly id: string;
}

function nodesOf(text: string): readonly Node[] {
  return (JSON.parse(text) as { readonly data: { readonly servers: { readonly nodes: readonly Node[] } } }).data.servers
    .nodes;
}
