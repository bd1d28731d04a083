import { fileURLToPath } from 'node:url';
import { type ExecutionResult, graphql } from 'graphql';
import { Context, type Gateway } from '../../src/graph/context.js';
import { defaultLimits, type LimitValues } from '../../src/graph/limits/table.js';
import { executableSchema } from '../../src/graph/schema.js';
import type { RequestFacts } from '../../src/http/parts.js';
import type { Asker } from '../../src/load/asker.js';
import type { Rest } from '../../src/rest/rest.js';
import { ALL_SHORTCUTS, type Shortcuts } from '../../src/shortcuts.js';
import { askerOf, REGION_ONE } from '../load/standins.js';

const { schema } = executableSchema(fileURLToPath(new URL('../../schema', import.meta.url)));

const facts: RequestFacts = {
  token: null,
  remoteAddress: '127.0.0.1',
  freshness: { noCache: false, maxAge: undefined },
  explain: false,
  requestId: 'req-test',
  signal: new AbortController().signal,
};

/** One operation on the real schema over `rest`: its answer as a client would see it. The cache is `asker`'s, or empty. */
export async function ask(
  source: string,
  rest: Rest,
  asker: Asker = askerOf(rest),
  limits: LimitValues = defaultLimits,
  shortcuts: Shortcuts = ALL_SHORTCUTS,
): Promise<ExecutionResult> {
  const notInTests = async (): Promise<never> => Promise.reject(new Error('logging in is not part of these tests'));
  const gateway: Gateway = {
    auth: {
      scopeOf: notInTests,
      issueToken: notInTests,
      revokeToken: notInTests,
      ownScope: async () => asker.scope,
    },
    cache: asker.cache,
    defaultRegion: REGION_ONE,
    limits,
    shortcuts,
    askerFor: () => asker,
  };
  const context = new Context(gateway, facts);
  const result = await graphql({ schema, source, contextValue: context });
  const answer = { ...result, extensions: { ...context.answerExtensions() } };
  return JSON.parse(JSON.stringify(answer)) as ExecutionResult;
}
