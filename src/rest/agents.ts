import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

/** How TLS servers are checked. Paths are of PEM files, read once. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the system's (`OS_CACERT`). */
  readonly cacert?: string;
  /** Client certificate and its key; the certificate's file may hold both. */
  readonly cert?: string;
  readonly key?: string;
  /** False: certificates are not checked (`verify: false` of clouds.yaml). */
  readonly verify: boolean;
}

/** Milliseconds after which an unused socket is closed; below the 60 s of usual load balancers. */
const IDLE_MS = 30_000;

/** node-fetch's default agent drops idle sockets after 5 s, so these are our own. */
export interface Agents {
  /** Kept-alive sockets for reads, which may be repeated if one turns out to be dead. */
  readonly read: (url: URL) => http.Agent;
  /** A socket of its own for one write, with word of whether it was ever connected. */
  readonly write: () => WriteSocket;
  readonly close: () => void;
}

export interface WriteSocket {
  readonly agent: (url: URL) => http.Agent;
  /** False: not one byte can have reached the service. */
  readonly connected: () => boolean;
  readonly close: () => void;
}

function tlsOptions(tls: TlsOptions): https.AgentOptions {
  const { cacert, cert, key = cert } = tls;
  return {
    rejectUnauthorized: tls.verify,
    ...(cacert === undefined ? {} : { ca: readFileSync(cacert) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  };
}

/** Makes `agent` tell when a socket of it is connected (and, with TLS, the server is who it should be). */
function watchConnects(agent: http.Agent, event: 'connect' | 'secureConnect', tell: () => void): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    socket?.once(event, tell);
    return socket;
  };
}

/**
 * A write never uses a socket that has been idle: the server may be closing it at this moment, and the write could not
 * be repeated. So each has a fresh connection, at the price of a handshake.
 */
function writeSocket(tls: https.AgentOptions): WriteSocket {
  let connected = false;
  const tell = (): void => {
    connected = true;
  };
  const plain = new http.Agent({ keepAlive: false });
  const secure = new https.Agent({ ...tls, keepAlive: false });
  watchConnects(plain, 'connect', tell);
  watchConnects(secure, 'secureConnect', tell);
  return {
    agent: (url) => (url.protocol === 'https:' ? secure : plain),
    connected: () => connected,
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** The process's agents. `sockets` bounds kept-alive ones per host. */
export function createAgents(tls: TlsOptions, sockets: number): Agents {
  const secureOptions = tlsOptions(tls);
  const kept = { keepAlive: true, maxSockets: sockets, maxFreeSockets: sockets, timeout: IDLE_MS } as const;
  const plain = new http.Agent(kept);
  const secure = new https.Agent({ ...secureOptions, ...kept });
  return {
    read: (url) => (url.protocol === 'https:' ? secure : plain),
    write: () => writeSocket(secureOptions),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}
