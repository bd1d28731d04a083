import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin, type BaseContext } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { errorFormatter, isEmpty, statusOf } from './errors.js';
import { type HttpFigures, NO_HTTP_FIGURES } from './figures.js';
import { withoutSecrets } from './log.js';
import type { AnswerContext, Parts, RequestLimits } from './parts.js';
import { metIn, requestOf } from './request.js';
import { writeAnswer } from './written.js';

/** Apollo Server over the graph stage's schema. It is not started yet. */
export function createApollo<Context extends AnswerContext>(parts: Parts<Context>, log: Logger): ApolloServer<Context> {
  const { metrics, limits } = parts;
  return new ApolloServer<Context>({
    ...schemaOf(parts),
    introspection: true,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    ...(limits === undefined ? {} : { validationRules: [limits.rule], parseOptions: { maxTokens: limits.tokens } }),
    // Persisted queries would be one more cache that every replica has for itself.
    persistedQueries: false,
    documentStore: documentStore(),
    stringifyResult: writeAnswer,
    // main.ts and server.ts stop the gateway in their own order.
    stopOnTerminationSignals: false,
    formatError: errorFormatter(log, (error) => limits?.faultOf(error) ?? null),
    logger: plainLogger(log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      requestPlugin(),
      ...(limits === undefined ? [] : [costPlugin(limits)]),
      answerPlugin(),
      tellPlugin(),
      logPlugin(log),
      countPlugin(metrics?.figures ?? NO_HTTP_FIGURES),
    ],
  });
}

/**
 * Valid documents, so that they are parsed and validated once. Characters of text: what is made of them, tokens and places
 * included, takes forty times as much memory, so Apollo Server's own store would grow to over a hundred MiB.
 */
const DOCUMENTS = { max: 1000, maxSize: 1024 * 1024 };

function documentStore(): NonNullable<ApolloServerOptions<BaseContext>['documentStore']> {
  const documents = new LRUCache<string, DocumentNode>(DOCUMENTS);
  return {
    get: async (hash) => documents.get(hash),
    set: async (hash, document) => {
      documents.set(hash, document, { size: document.loc?.source.body.length ?? DOCUMENTS.maxSize });
    },
    delete: async (hash) => documents.delete(hash),
  };
}

type ApolloGateway<Context extends AnswerContext> = NonNullable<ApolloServerOptions<Context>['gateway']>;

/** Apollo Server takes another executor than graphql-js's only from what it calls a gateway. */
function schemaOf<Context extends AnswerContext>({
  schema,
  execute,
}: Parts<Context>): { readonly schema: GraphQLSchema } | { readonly gateway: ApolloGateway<Context> } {
  if (execute === undefined) return { schema };
  return {
    gateway: {
      onSchemaLoadOrUpdate(callback) {
        callback({ apiSchema: schema, coreSupergraphSdl: '' });
        return () => undefined;
      },
      load: async () => ({
        // `operationName` beside `request` is null where the document has no such operation, which has to be said.
        executor: async ({ document, request: { operationName, variables }, context }) =>
          execute({ document, operationName, variables, contextValue: context as Context }),
      }),
      stop: async () => undefined,
    },
  };
}

/** Tells the stopping server which operations are writes, and errors in which request they came up. */
function requestPlugin<Context extends AnswerContext>(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation, contextValue }) => {
        if (operation?.operation === 'subscription') throw noSubscriptions();
        if (operation?.operation === 'mutation') requestOf(contextValue)?.flight.write();
      },
      // `formatError`, which comes later, sees no context.
      didEncounterErrors: async ({ errors, contextValue }) => {
        for (const error of errors) metIn(requestOf(contextValue), error);
      },
    }),
  };
}

/** Validation lets them pass, execution has no code for them. */
function noSubscriptions(): GraphQLError {
  const extensions = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } };
  return new GraphQLError('There are no subscriptions: send a query or a mutation.', { extensions });
}

/** Lets only what may be afforded run. */
function costPlugin<Context extends AnswerContext>(limits: RequestLimits<Context>): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, operation, request, contextValue }) => {
        // Without one, execution says what is wrong with the operation's name.
        if (operation) limits.admit(document, operation, request.variables, contextValue);
      },
    }),
  };
}

/** Puts the context's extensions into the answer and gives it the HTTP status of its errors. */
function answerPlugin<Context extends AnswerContext>(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response, contextValue }) => {
        if (response.body.kind !== 'single') return;
        const result = response.body.singleResult;
        const extensions = { ...result.extensions, ...contextValue.answerExtensions?.() };
        if (Object.keys(extensions).length > 0) result.extensions = extensions;
        const status = statusOf(result.data, result.errors ?? []);
        if (status === null) return;
        response.http.status = status;
        // GraphQL over HTTP allows other statuses than 200 only where `data` is null or absent.
        if (result.data !== undefined) result.data = null;
      },
    }),
  };
}

/** Tells the context what became of its operation. */
function tellPlugin<Context extends AnswerContext>(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ operationName, document, operation, queryHash, response, contextValue }) => {
        if (response.body.kind !== 'single') return;
        const { errors = [], extensions = {} } = response.body.singleResult;
        contextValue.executed?.({
          kind: operation?.operation ?? null,
          name: operationName ?? null,
          hash: queryHash ?? null,
          hasErrors: errors.length > 0,
          extensions,
          ...(document && operation ? { document, operation } : {}),
        });
      },
    }),
  };
}

/** One line for each operation: name and hash, never text or variables. */
function logPlugin<Context extends AnswerContext>(log: Logger): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      const began = performance.now();
      return {
        willSendResponse: async ({ operationName, operation, queryHash, response, contextValue }) => {
          const errors = response.body.kind === 'single' ? (response.body.singleResult.errors ?? []) : [];
          log.info(
            {
              requestId: requestOf(contextValue)?.id,
              operation: operationName ?? null,
              kind: operation?.operation ?? null,
              hash: queryHash ?? null,
              ms: Math.round(performance.now() - began),
              codes: [...new Set(errors.map((error) => error.extensions?.['code']))],
            },
            'operation',
          );
        },
      };
    },
  };
}

function countPlugin<Context extends AnswerContext>(figures: HttpFigures): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      const began = performance.now();
      return {
        willSendResponse: async ({ operation, response: { body } }) => {
          const { data, errors = [] } = body.kind === 'single' ? body.singleResult : body.initialResult;
          const codes = new Set(errors.map((error) => String(error.extensions?.['code'])));
          const seconds = (performance.now() - began) / 1000;
          const limits = new Set(errors.map((error) => error.extensions?.['limit']));
          for (const limit of limits) if (typeof limit === 'string') figures.refused(limit);
          figures.operation(operation?.operation ?? null, [...codes], !isEmpty(data), seconds);
        },
      };
    },
  };
}

/** Apollo's own messages, which are texts, without anything that looks like a secret. */
function plainLogger(log: Logger): Record<'debug' | 'info' | 'warn' | 'error', (message?: unknown) => void> {
  return {
    debug: (message) => log.debug(withoutSecrets(String(message))),
    info: (message) => log.debug(withoutSecrets(String(message))),
    warn: (message) => log.warn(withoutSecrets(String(message))),
    error: (message) => log.error(withoutSecrets(String(message))),
  };
}
