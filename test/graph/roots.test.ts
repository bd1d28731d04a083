import { afterEach, describe, expect, it } from 'vitest';
import { ALICE, type DemoGateway, startDemoGateway } from '../support/demo-gateway.js';
import { restCalls } from '../support/rest-calls.js';

const QUERY =
  'query Page($after: String) { servers(first: 1000, after: $after) { nodes { id } pageInfo { endCursor } } }';
const MORE = QUERY.replace('endCursor', 'endCursor hasNextPage');
const ONE_CALL = ['GET /servers/detail'];

interface Page {
  readonly servers: {
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}

let demo: DemoGateway;

afterEach(() => demo.stop());

async function startWith(servers: number) {
  demo = await startDemoGateway({ pace: 0, servers });
  const alice = await demo.login(ALICE);
  return async (query: string, after: string | null = null) => {
    const answer = await alice.ask<Page>(query, { after });
    return { ...answer.data.servers, calls: restCalls(answer) };
  };
}

// Two thirds of the servers are alice's.
describe('a page as large as Nova makes them', () => {
  it('is one call, and a second one where somebody wants to know whether more come behind it', async () => {
    const pages = await startWith(1503);
    const page = await pages(QUERY);
    expect([page.nodes.length, page.calls]).toEqual([1000, ONE_CALL]);
    const same = await pages(MORE);
    expect([same.pageInfo, same.calls]).toEqual([{ ...page.pageInfo, hasNextPage: true }, ONE_CALL]);
    expect((await pages(MORE)).calls).toEqual([]);
    const next = await pages(MORE, page.pageInfo.endCursor);
    expect([next.nodes.length, next.pageInfo.hasNextPage]).toEqual([2, false]);
  });

  it('is the last one where the page that Nova names is empty', async () => {
    const pages = await startWith(1500);
    const page = await pages(MORE);
    expect([page.nodes.length, page.pageInfo.hasNextPage, page.calls]).toEqual([
      1000,
      false,
      [...ONE_CALL, ...ONE_CALL],
    ]);
  });
});
