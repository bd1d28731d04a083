import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A port to which no connection is ever made, nor refused: the system drops what its queue cannot take. */
export interface BlackHole {
  readonly origin: string;
  close(): Promise<void>;
}

const LISTEN = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    // Never accepts: whoever is not in the queue by now waits for ever.
    Atomics.wait(workerData, 0, 0);
    process.exit();
  });
`;

/** Makes one, and fills its queue. */
export async function openBlackHole(): Promise<BlackHole> {
  const lock = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(LISTEN, { eval: true, workerData: lock });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const fillers: Socket[] = [];
  while (await connects(port, fillers));
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of fillers) socket.destroy();
      Atomics.store(lock, 0, 1);
      Atomics.notify(lock, 0);
      await worker.terminate();
    },
  };
}

/** Whether the queue had room for one more. */
function connects(port: number, fillers: Socket[]): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  fillers.push(socket);
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 300, false);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
