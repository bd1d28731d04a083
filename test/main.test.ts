import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';

/** Compiled by `npm test` before it begins. */
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const running: ChildProcess[] = [];
let nobody = '';

/** An address at which nothing listens, as an OpenStack that is down. */
beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  nobody = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v3`;
  server.close();
});

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Started {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  /** The URL behind `listening on`. */
  readonly url: Promise<string>;
  readonly exit: Promise<number | null>;
}

function start(env: Record<string, string>, nodeOptions: readonly string[] = []): Started {
  const child = spawn(process.execPath, [...nodeOptions, MAIN], {
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
  });
  running.push(child);
  const said = { stdout: '', stderr: '' };
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      said.stdout += data.toString();
      const [, found] = /^listening on (\S+)$/m.exec(said.stdout) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => reject(new Error(`it ended: ${said.stderr}`)));
  });
  url.catch(() => {});
  child.stderr.on('data', (data: Buffer) => {
    said.stderr += data.toString();
  });
  const exit = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  return { child, said, url, exit };
}

it('a wrong configuration is one error that lists every fault, and exit code 1', async () => {
  const { said, exit } = start({ OS_AUTH_URL: nobody, PORT: 'http', CACHE_TLT: 'Server=5', MEMCACHED_SERVERS: 'a:1' });
  expect(await exit).toBe(1);
  expect(said.stdout).toBe('');
  expect(said.stderr.trim().split('\n')).toEqual([
    '3 faults in the configuration:',
    '  CACHE_TLT: unknown variable; did you mean CACHE_TTL?',
    expect.stringContaining('  PORT: expected'),
    expect.stringContaining('  CACHE_SECRET: required'),
  ]);
});

it('with Keystone unreachable the gateway starts, says so at /readyz, and ends well at SIGTERM', async () => {
  const { child, url, exit } = start({ OS_AUTH_URL: nobody, DRAIN_SECONDS: '3' });
  const address = new URL(await url);
  expect(address.pathname).toBe('/graphql');
  expect((await fetch(new URL('/healthz', address))).status).toBe(200);
  const ready = await fetch(new URL('/readyz', address));
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ ready: false, reason: expect.stringContaining('Keystone') });
  child.kill('SIGTERM');
  await vi.waitFor(async () =>
    expect(await (await fetch(new URL('/readyz', address))).json()).toMatchObject({ reason: 'stopping' }),
  );
  expect(await exit).toBe(0);
});

it('with credentials on loopback the gateway prints a URL whose secret opens it', async () => {
  const password = 'not-for-the-log';
  const { said, url } = start({
    OS_AUTH_URL: nobody,
    OS_USERNAME: 'alice',
    OS_PASSWORD: password,
    OS_PROJECT_NAME: 'demo-a',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
  });
  const address = new URL(await url);
  const secret = address.searchParams.get('secret') ?? '';
  expect(secret.length).toBeGreaterThan(30);
  expect((await fetch(new URL('/healthz', address))).status).toBe(401);
  expect((await fetch(new URL(`/healthz?secret=${secret}`, address))).status).toBe(200);
  expect(said.stderr).not.toContain(secret);
  expect(said.stdout + said.stderr).not.toContain(password);
});

it('a port that is taken is an error of one line that says what to do', async () => {
  const first = start({ OS_AUTH_URL: nobody });
  const { port } = new URL(await first.url);
  const { said, exit } = start({ OS_AUTH_URL: nobody, PORT: port });
  expect(await exit).toBe(1);
  expect(said.stderr.trim().split('\n')).toHaveLength(1);
  expect(said.stderr).toMatch(/cannot start: .*EADDRINUSE/);
  expect(said.stderr).toMatch(/set PORT to another/);
});

it('a rejection that nobody handles is logged, without secrets, and ends nothing', async () => {
  const leave = `process.on('SIGUSR2', () => Promise.reject(new Error('left at /v3?token=' + 'not-for'.concat('-the-log'))))`;
  const { child, said, url } = start({ OS_AUTH_URL: nobody }, [
    '--import',
    `data:text/javascript,${encodeURIComponent(leave)}`,
  ]);
  const address = new URL(await url);
  child.kill('SIGUSR2');
  await vi.waitFor(() => expect(said.stderr).toContain('nobody handled'));
  const line: unknown = JSON.parse(said.stderr.trim().split('\n').at(-1) ?? '');
  expect(line).toMatchObject({ level: 50, err: { message: 'left at /v3?token=[secret]' } });
  expect(said.stderr).not.toContain('not-for-the-log');
  expect((await fetch(new URL('/healthz', address))).status).toBe(200);
});
