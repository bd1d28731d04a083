// The client of `npm run bench`: sends POSTs over sockets of its own and reads as little of the answers as it can, since
// what it costs itself is taken from the requests that a server could have answered.
import { once } from 'node:events';
import { connect } from 'node:net';
import { answerParent } from './worker.mjs';

const HEAD_END = '\r\n\r\n';
const CHUNKS_END = '0\r\n\r\n';
/** How an answer begins that has data and no errors: both servers that speak GraphQL write errors first. */
const RIGHT = '{"data":';
/** Characters of a wrong answer that are told: its head and what it begins with. */
const MOST_SAID = 1000;

class Connection {
  #socket;
  #pending = null;
  #head = null;
  #received = [];
  #bytes = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.once('error', (error) => this.#pending?.reject(error));
    socket.once('close', () => this.#pending?.reject(new Error('the server closed the connection')));
  }

  static async open(url) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Null where a right answer came; what came instead otherwise. */
  ask(bytes) {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  close() {
    this.#pending = null;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received.push(chunk);
    this.#bytes += chunk.length;
    this.#head ??= headOf(this.#received);
    if (this.#head === null || !this.#isWhole(chunk)) return;
    const { pending, head, received } = this.#reset();
    if (head.status === 200 && head.begin === RIGHT) pending.resolve(null);
    else pending.resolve(Buffer.concat(received).toString('utf8').slice(0, MOST_SAID));
  }

  #isWhole(chunk) {
    const { length, headBytes } = this.#head;
    return length === null ? chunk.toString('latin1').endsWith(CHUNKS_END) : this.#bytes - headBytes >= length;
  }

  #reset() {
    const taken = { pending: this.#pending, head: this.#head, received: this.#received };
    this.#pending = null;
    this.#head = null;
    this.#received = [];
    this.#bytes = 0;
    return taken;
  }
}

/** What has to be known of an answer before its end: null until its head is there. */
function headOf(received) {
  if (received.length > 1) received.splice(0, received.length, Buffer.concat(received));
  const [bytes] = received;
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return null;
  const text = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  const body = bytes.toString('latin1', end + HEAD_END.length, end + HEAD_END.length + 40);
  return {
    status: Number(text.slice(9, 12)),
    length: length === undefined ? null : Number(length),
    headBytes: end + HEAD_END.length,
    begin: body.slice(body.indexOf('{'), body.indexOf('{') + RIGHT.length),
  };
}

function requestOf(url, path, token, body) {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'content-type: application/json',
    ...(token === null ? [] : [`x-auth-token: ${token}`]),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}${HEAD_END}${body}`);
}

/**
 * Keeps this process from sleeping until what it answers with is called. Whoever writes to a client that sleeps has to wake it, and the
 * kernel counts that as the writer's time: as much as half of the write, for a server whose client waits for it. One that answers so
 * fast that its client is never idle would get it for nothing.
 */
function stayAwake() {
  let isAwake = true;
  const turn = () => {
    if (isAwake) setImmediate(turn);
  };
  turn();
  return () => {
    isAwake = false;
  };
}

/**
 * `count` requests over so many connections, shared out evenly among `urls`, each sent as soon as the one before it on its
 * connection was answered; `awake`: without sleeping in between. Seconds of it all, milliseconds of each right answer, and
 * what was said instead of the others.
 */
async function send({ urls, path, token, bodies, count, connections, awake }) {
  const at = (index) => urls[index % urls.length];
  const requests = bodies.map((body) => urls.map((url) => requestOf(url, path, token, body)));
  const open = await Promise.all(Array.from({ length: connections }, (_, index) => Connection.open(at(index))));
  const took = [];
  const wrong = [];
  let sent = 0;
  const work = async (connection, index) => {
    while (sent < count) {
      const request = requests[sent % requests.length][index % urls.length];
      sent += 1;
      const began = performance.now();
      const problem = await connection.ask(request);
      if (problem === null) took.push(performance.now() - began);
      else wrong.push(problem);
    }
  };
  const rest = awake ? stayAwake() : () => {};
  const began = performance.now();
  try {
    await Promise.all(open.map(work));
    return { seconds: (performance.now() - began) / 1000, took, wrong };
  } finally {
    rest();
    for (const connection of open) connection.close();
  }
}

answerParent(send);
