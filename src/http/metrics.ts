import type { FastifyInstance } from 'fastify';
import type { Metrics } from './parts.js';

/** `/metrics`, and a count of every request to whatever route. */
export function serveMetrics(app: FastifyInstance, { figures, page }: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    figures.request(request.method, request.routeOptions.url ?? null, reply.statusCode);
  });
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await page();
    return reply.type(type).send(text);
  });
}
