// The wire itself: a plain HTTP server that writes answers that were given to it. `raw` writes ready-made bytes, the floor
// for everything; `stringify` turns the same object into text each time, the floor for whatever is not byte for byte the same.
import { createServer } from 'node:http';
import { answerParent, listening, wanted } from './worker.mjs';

const answers = new Map();

const server = createServer((request, response) => {
  request.resume();
  const known = answers.get(request.url);
  if (known === undefined) {
    response.writeHead(404).end();
    return;
  }
  const bytes = wanted.kind === 'raw' ? known.bytes : Buffer.from(JSON.stringify(known.value));
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  response.end(bytes);
});

const url = await listening(server);

answerParent(
  ({ path, text }) => {
    answers.set(path, { bytes: Buffer.from(text), value: JSON.parse(text) });
    return null;
  },
  { url },
);
