import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { createDemoCloud } from '../../src/demo/index.js';
import { createGateway } from '../../src/gateway.js';
import { startServer } from '../../src/server.js';
import { ALICE, Client } from '../support/client.js';

// clouds.yaml can bound a service's microversion: to a gateway, such a cloud is an old one.
describe('a cloud whose Nova is too old', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stratograph-'));
  let alice: Client;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const cloud = await createDemoCloud({ pace: 0 });
    const yaml = `clouds: { old: { auth: { auth_url: "${cloud.authUrl}" }, compute_default_microversion: "2.20" } }`;
    writeFileSync(join(folder, 'clouds.yaml'), yaml);
    const config = readConfig({ env: { OS_CLOUD: 'old', PORT: '0' }, cwd: folder, cachedTypes: null });
    if (config.cloud === null) throw new Error('expected a cloud');
    const log = pino({ level: 'silent' });
    const parts = await createGateway({ config, cloud: config.cloud, singleUser: false, log });
    const server = await startServer({ ...config, log }, parts);
    alice = await Client.login(server.url, ALICE);
    stop = async () => {
      await server.stop();
      await cloud.close();
    };
  });

  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  it('refuses a filter that it would ignore, naming it and both versions', async () => {
    const answer = await alice.tell('{ servers(filter: { tags: ["db"] }) { nodes { id } } me { user { name } } }');
    expect(answer.errors?.[0]).toMatchObject({
      message: 'filter.tags: expected a compute service of microversion 2.26 or newer, found 2.20',
      extensions: { code: 'UNSUPPORTED', service: 'compute', argument: 'filter.tags' },
    });
    expect(answer.data).toEqual({ servers: null, me: { user: { name: 'alice' } } });
  });

  it('gives a field that it does not have as null, with one note for all rows', async () => {
    const answer = await alice.ask<{ servers: { nodes: { name: string; tags: null; description: string | null }[] } }>(
      '{ servers(first: 5) { nodes { name tags description } } }',
    );
    expect(answer.data.servers.nodes.map(({ tags }) => tags)).toEqual([null, null, null, null, null]);
    expect(answer.extensions?.refused).toEqual([
      expect.objectContaining({ field: 'Server.tags', code: 'UNSUPPORTED', service: 'compute', rows: 5 }),
    ]);
  });

  it('refuses an input that it would not understand, before anything is sent', async () => {
    const create = 'mutation ($input: CreateServerInput!) { createServer(input: $input) { server { id } } }';
    const answer = await alice.tell(create, { input: { name: 'x', flavorId: '1', hostname: 'y' } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'UNSUPPORTED', argument: 'input.hostname' });
    expect(answer.extensions?.explain?.rest.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});
