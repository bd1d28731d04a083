import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/graph/limits/budget.js';
import { defaultLimits } from '../../../src/graph/limits/table.js';
import { askerOf, FakeRest, OWN_PROJECT, uuid } from '../../load/standins.js';
import { ask } from '../standins.js';

/** A cloud of three servers with forty ports each, every one on a network of its own. */
function crowded(): FakeRest {
  const servers = [1, 2, 3].map((number) => ({ id: uuid(number), tenant_id: OWN_PROJECT, image: '' }));
  const ports = servers.flatMap(({ id }, at) =>
    Array.from({ length: 40 }, (_, port) => ({
      id: uuid(1000 * (at + 1) + port),
      device_id: id,
      network_id: uuid(10_000 * (at + 1) + port),
    })),
  );
  return new FakeRest(({ path, query = [] }) => {
    if (path === '/servers/detail') return { servers };
    if (path === '/ports') return { ports };
    return { networks: query.filter(([name]) => name === 'id').map(([, id]) => ({ id, name: 'net' })) };
  });
}

const QUERY = '{ servers { nodes { id ports { id network { name } } } } }';

describe('a query that meets more than was reckoned', () => {
  it('shows no more rows than are allowed, with one error for all that is missing', async () => {
    const rest = crowded();
    const { data, errors } = await ask(QUERY, rest, askerOf(rest), { ...defaultLimits, MAX_NODES: 50 });
    const shown = JSON.stringify(data).match(/"id"|"name"/g)?.length ?? 0;
    // Which ones depends on the order of execution.
    expect(shown).toBeGreaterThanOrEqual(3 + 40);
    expect(shown).toBeLessThanOrEqual(50);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({ extensions: { limit: 'MAX_NODES', allowed: 50 } });
  });

  it('makes no more calls than are allowed', async () => {
    const rest = crowded();
    const { errors } = await ask(QUERY, rest, askerOf(rest), { ...defaultLimits, MAX_CALLS: 2 });
    expect(rest.calls.map((call) => call.split('?')[0])).toEqual(['GET /servers/detail', 'GET /ports']);
    expect(errors?.[0]).toMatchObject({ extensions: { limit: 'MAX_CALLS', allowed: 2, found: 3 } });
  });

  it('is not stopped at a write', () => {
    const budget = new Budget({ ...defaultLimits, MAX_CALLS: 1 });
    budget.call(true);
    expect(() => budget.call(false)).not.toThrow();
    expect(() => budget.call(true)).toThrow('MAX_CALLS');
  });
});
