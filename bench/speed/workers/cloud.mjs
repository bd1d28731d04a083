// The demo cloud in a process of its own, with or without the delays of a real one. It counts its calls.
import { createDemoCloud } from '../../../dist/demo/index.js';
import { answerParent, wanted } from './worker.mjs';

/**
 * Milliseconds that a call took on the test control plane with a hundred servers and nothing else to do; the first line
 * that fits counts. Only the proportions matter: they decide what is worth asking for beside something else.
 */
const REAL = [
  [/^identity /, 25],
  [/^compute .*\/servers\/detail$/, 800],
  [/^compute .*\/servers\/[^/]+$/, 120],
  [/^compute .*\/flavors/, 50],
  [/^image /, 15],
  [/^block-storage .*\/volumes\/detail$/, 140],
  [/^block-storage /, 60],
  [/^network .*\/ports$/, 400],
  [/^network /, 60],
];
/** The version documents are served from memory. */
const ELSE_MS = 5;

const calls = new Map();

function disturb({ service, method, path }) {
  const name = `${service} ${path}`;
  const counted = `${method} ${name}`;
  calls.set(counted, (calls.get(counted) ?? 0) + 1);
  if (wanted.delays !== 'real') return undefined;
  const [, ms] = REAL.find(([pattern]) => pattern.test(name)) ?? [null, ELSE_MS];
  return { before: ms };
}

const small = wanted.delays === 'small' ? { delays: { min: 2, max: 20 } } : {};
const cloud = await createDemoCloud({ servers: wanted.servers, disturb, ...small });

/** Calls by method, service and path since last asked. */
answerParent(
  () => {
    const counted = Object.fromEntries(calls);
    calls.clear();
    return counted;
  },
  { authUrl: cloud.authUrl },
);
