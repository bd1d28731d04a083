import { expect, it } from 'vitest';
import { Secret } from '../../src/auth/scope.js';
import { withoutSecrets } from '../../src/http/log.js';
import { memoryLog, TOKEN_IN_ERROR } from './toy.js';

const PASSWORD = 'hunter2-hunter2';

it.each([
  `token ${TOKEN_IN_ERROR} expired`,
  `X-Auth-Token: ${PASSWORD}`,
  `{"x-subject-token":"${PASSWORD}"}`,
  `{"auth":{"password":{"user":{"password":"${PASSWORD}"}}}}`,
  `{"adminPass": "${PASSWORD}\\"x"}`,
  `GET /graphql?secret=${PASSWORD}&x=1`,
  `connect to https://me:${PASSWORD}@cloud.example failed`,
])('a text loses its secrets: %s', (text) => {
  expect(withoutSecrets(text)).not.toMatch(/hunter2|gAAAAAB/);
  expect(withoutSecrets(text)).toContain('[secret]');
});

it('a text without secrets stays as it is', () => {
  const text = 'compute answered 503 to GET /servers/detail (req-1)';
  expect(withoutSecrets(text)).toBe(text);
});

it('an error loses them in message, stack and causes', () => {
  const { log, lines } = memoryLog();
  const cause = new Error(`{"password":"${PASSWORD}"}`);
  log.error({ err: new Error(`token ${TOKEN_IN_ERROR}`, { cause }) }, 'failed');
  expect(lines.join('')).not.toMatch(/hunter2|gAAAAAB/);
  expect(lines.join('')).toContain('"cause"');
});

it('fields that are named like secrets are hidden at any of three levels', () => {
  const { log, lines } = memoryLog();
  log.info({ password: PASSWORD, a: { token: PASSWORD, b: { adminPass: PASSWORD } }, c: new Secret(PASSWORD) }, 'x');
  log.info({ headers: { 'x-auth-token': PASSWORD, authorization: PASSWORD }, variables: { x: PASSWORD } }, 'x');
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('hunter2');
});
