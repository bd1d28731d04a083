import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDoor } from '../../src/http/door.js';
import { createToy, startToy } from '../http/toy.js';

const EXPLORER = fileURLToPath(new URL('../../dist/explorer', import.meta.url));
/** Debian's; elsewhere, `CHROMIUM` names another. */
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: QUIET });
});

afterAll(() => browser.close());

/** A page that remembers what it asked for and what went wrong. */
async function openPage(url: string): Promise<{ page: Page; hosts: Set<string>; complaints: string[] }> {
  const page = await browser.newPage();
  const hosts = new Set<string>();
  const complaints: string[] = [];
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol === 'http:' || protocol === 'https:') hosts.add(host);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, hosts, complaints };
}

/** Replaces all the text of an editor. */
async function fill(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** Types a named query over the one that is there, runs it and waits for `answer` (without blanks) in the result. */
async function runQuery(page: Page, name: string, selection: string, answer: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  await fill(page, page.locator('.graphiql-editor .monaco-editor').first(), `query ${name} ${selection}`);
  // The explorer takes a moment to parse what was typed; its tab then shows the new name.
  await page.locator('.graphiql-tab', { hasText: name }).waitFor();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('.result-window', { hasText: answer }).waitFor();
}

it('the explorer runs a query with a token from its headers, and asks nobody but the gateway', async () => {
  const toy = createToy();
  const server = await startToy(toy, { explorer: EXPLORER });
  try {
    const { page, hosts, complaints } = await openPage(`${server.url}/graphql`);
    await runQuery(page, 'First', '{ hello(name: "explorer") }', 'explorer"');
    const headers = page.locator('.graphiql-editor-tool .monaco-editor').last();
    await fill(page, headers, '{"X-Auth-Token": "typed-by-hand"}');
    await runQuery(page, 'Second', '{ facts }', 'typed-by-hand');
    if (process.env['SCREENSHOT'] !== undefined) await page.screenshot({ path: process.env['SCREENSHOT'] });
    expect(await page.getByText('Open in Apollo Sandbox').getAttribute('href')).toContain(
      'https://studio.apollographql.com/sandbox/explorer?endpoint=',
    );
    expect([...hosts]).toEqual([new URL(server.url).host]);
    expect(complaints).toEqual([]);
    await page.close();
  } finally {
    await server.stop();
  }
});

it('the explorer works behind the door of single-user mode, opened with the printed URL', async () => {
  const door = createDoor();
  const server = await startToy(createToy(), { explorer: EXPLORER, door });
  try {
    const { page, complaints } = await openPage(door.urlWithSecret(`${server.url}/graphql`));
    await runQuery(page, 'First', '{ hello(name: "owner") }', 'owner"');
    expect(page.url()).not.toContain(door.secret);
    expect(complaints).toEqual([]);
    await page.close();
  } finally {
    await server.stop();
  }
});
