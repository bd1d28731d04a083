import { afterAll, describe, expect, it, vi } from 'vitest';
import { ALICE } from '../support/client.js';
import { FAULTS, faultNamed, INNER } from './service-faults/faults.js';
import { Roads } from './service-faults/lanes.js';
import { askPage, expectErrors, SERVICES, without, wordsOf } from './service-faults/page.js';
import { DEADLINE, TTL } from './service-faults/setting.js';
import { sized } from './support/sized.js';

/** Far longer than anything may take that keeps its deadline, on the slowest machine. */
const PATIENCE = 4 * DEADLINE + 5_000;

const roads = new Roads();

vi.setConfig({ maxConcurrency: sized(4, 10) });

afterAll(() => roads.stop());

const SAMPLE = ['resets the connection', 'an HTML page with 200'];

/** Those that wait for deadlines first, and all at once: they cost time, not work. */
const CELLS = sized(SAMPLE.map(faultNamed), FAULTS)
  .toSorted((one, other) => Number(other.hangs) - Number(one.hangs))
  .flatMap((fault) => SERVICES.map((service) => ({ service, fault, name: fault.name })));

describe('a page over all services', () => {
  it.concurrent.for(CELLS)('has all that does not need $service, which fails: $name', async ({ service, fault }) =>
    roads.for(fault).withSetting(async ({ proxy, pass, login }) => {
      const alice = await login(ALICE);
      await alice.ask('{ me { user { name } } }');

      proxy.misbehave((call) => call.service === service, fault.act);
      const began = performance.now();
      const broken = await askPage(alice);
      expect(performance.now() - began).toBeLessThan(PATIENCE);
      await proxy.quiet();

      proxy.heal();
      const healthy = await askPage(alice);
      expect(healthy.errors).toBeUndefined();
      expect(broken.data).toEqual(without(healthy.data, service));
      expectErrors(broken, service, fault.error);
      expect(wordsOf(broken)).not.toMatch(new RegExp(`${INNER}|${new URL(proxy.url).host}|/v[23]|${alice.token}`));

      pass(TTL + 1);
      proxy.misbehave((call) => call.service === service, fault.act);
      const late = await askPage(alice);
      const stale = fault.stale && service !== 'identity';
      expect(late.extensions?.explain?.stale.length).toEqual(stale ? expect.any(Number) : 0);
      if (stale) {
        expect(late.extensions?.explain?.stale).not.toEqual([]);
        expect(late).toMatchObject({ data: healthy.data });
        expect(late.errors).toBeUndefined();
      } else {
        expect(late.data).toEqual(without(healthy.data, service));
        expectErrors(late, service, fault.error);
      }
      await proxy.quiet();

      proxy.heal();
      const again = await askPage(alice);
      expect(again.errors).toBeUndefined();
      expect(again.data).toEqual(healthy.data);
      expect(again.extensions?.explain?.stale).toEqual([]);
      expect(proxy.strays).toEqual([]);
    }),
  );
});
