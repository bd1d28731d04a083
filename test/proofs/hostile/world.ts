import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createDemoCloud } from '../../../src/demo/index.js';
import { ALICE, BOB, Client } from '../../support/client.js';
import { type Replica, startReplica } from '../../support/replica.js';

/** One call that the gateway made, as OpenStack got it. */
export interface RestCall {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
}

/** A gateway process over the demo cloud, and all that attacks are made of. */
export interface World {
  readonly url: string;
  readonly port: number;
  readonly replica: Replica;
  readonly alice: Client;
  readonly aliceToken: string;
  readonly bobToken: string;
  /** Of a server of alice's. */
  readonly aliceServer: string;
  /** Of a server of bob's: alice must learn nothing of it. */
  readonly bobServer: string;
  /** Cursors of lists of servers: alice's own, her ports', and bob's. */
  readonly cursors: { readonly servers: string; readonly ports: string; readonly bob: string };
  /** Ids that only bob may see. */
  readonly secretIds: readonly string[];
  /** Calls to OpenStack since the last time that this was asked. */
  takeCalls(): readonly RestCall[];
  stop(): Promise<void>;
}

interface Page {
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly endCursor: string };
}

interface Lists {
  readonly servers: Page;
  readonly ports: Page;
}

const LISTS =
  '{ servers(first: 3) { nodes { id } pageInfo { endCursor } } ports(first: 3) { nodes { id } pageInfo { endCursor } } }';

/** Starts demo cloud, recording proxy and gateway (configured by `env` besides); logs alice and bob in. */
export async function startWorld(env: Readonly<Record<string, string>> = {}): Promise<World> {
  const cloud = await createDemoCloud({ servers: 60 });
  const proxy = await startProxy(cloud.url);
  const replica = await startReplica({
    OS_AUTH_URL: cloud.authUrl.replace(cloud.url, proxy.url),
    LOG_LEVEL: 'error',
    ...env,
  });
  const [alice, bob] = await Promise.all([Client.login(replica.url, ALICE), Client.login(replica.url, BOB)]);
  const [{ data: hers }, { data: his }] = await Promise.all([alice.ask<Lists>(LISTS), bob.ask<Lists>(LISTS)]);
  return {
    url: replica.url,
    port: Number(new URL(replica.url).port),
    replica,
    alice,
    aliceToken: alice.token ?? '',
    bobToken: bob.token ?? '',
    aliceServer: hers.servers.nodes[0]?.id ?? '',
    bobServer: his.servers.nodes[0]?.id ?? '',
    cursors: {
      servers: hers.servers.pageInfo.endCursor,
      ports: hers.ports.pageInfo.endCursor,
      bob: his.servers.pageInfo.endCursor,
    },
    secretIds: his.servers.nodes.map(({ id }) => id),
    takeCalls: proxy.takeCalls,
    stop: async () => {
      await replica.stop();
      await proxy.stop();
      await cloud.close();
    },
  };
}

/** Stands before the demo cloud and writes down what comes; the catalog, too, leads here. */
async function startProxy(
  behind: string,
): Promise<{ url: string; takeCalls(): readonly RestCall[]; stop(): Promise<void> }> {
  const calls: RestCall[] = [];
  const server = createServer((request, response) => {
    calls.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    const onward = send(
      `${behind}${request.url}`,
      { method: request.method ?? 'GET', headers: request.headers },
      async (answer) => {
        const body = Buffer.concat(await answer.toArray())
          .toString()
          .replaceAll(behind, url);
        const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, headers).end(body);
      },
    );
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    takeCalls: () => calls.splice(0),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What came back on a connection. */
export interface RawAnswer {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** All of it, further answers on the connection included. */
  readonly text: string;
}

/** Sends bytes as they are and reads until the gateway closes, at most `seconds`. */
export async function sendRaw(port: number, bytes: Buffer, seconds = 20): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // Whoever is refused while still sending sees a reset.
  socket.on('error', () => {});
  socket.setTimeout(seconds * 1000, () => socket.destroy());
  socket.write(bytes);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString();
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n'), text };
}
