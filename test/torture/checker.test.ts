import { describe, expect, it } from 'vitest';
import { Checker, type Eyes } from './checker.js';
import { Clock, type Deed, History, type Outcome } from './history.js';
import type { Node } from './kinds.js';
import { Promises, type Request } from './promises.js';
import type { View } from './views.js';

const ALICE: Eyes = { project: 'demo-a', admin: false };
const BOB: Eyes = { project: 'demo-b', admin: false };
const TYPE = 'VolumeSnapshot';

/** A cloud with the snapshots `one` and `two`, both named `old`, and a gateway that shows whatever the test wants. */
class Scene {
  ms = 0;
  readonly history = new History();
  readonly clock = new Clock(() => this.ms);
  readonly promises = new Promises(this.clock);
  readonly checker = new Checker(this.history);

  constructor() {
    for (const id of ['one', 'two']) this.history.of(TYPE, id).add({ tick: 0, ms: 0 }, viewOf(id, 'old'), null, false);
  }

  /** A mutation under way; `commit` is what it does in the cloud, `end` its answer. */
  mutation() {
    const deed: Deed = { text: 'a mutation', versions: [], end: null };
    const request = this.promises.begin();
    return {
      deed,
      request,
      commit: (id: string, name: string | null, later = false) => {
        const view = name === null ? null : viewOf(id, name);
        this.promises.committed(this.history.of(TYPE, id).add(this.clock.now(), view, deed, later));
      },
      end: (outcome: Outcome) => this.promises.end(request, deed, outcome),
    };
  }

  renamed(id: string, name: string | null, outcome: Outcome = 'confirmed'): void {
    const mutation = this.mutation();
    mutation.commit(id, name);
    mutation.end(outcome);
  }

  /** Answers a query for `one`; null shows none. */
  showsRow(request: Request, name: string | null, eyes = ALICE, own: Deed | null = null) {
    const span = { sent: request.sent, answered: this.promises.end(request), own };
    return this.checker.row(TYPE, 'one', name === null ? null : nodeOf('one', name), eyes, span);
  }

  showsList(request: Request, names: Readonly<Record<string, string>>, more = false) {
    const span = { sent: request.sent, answered: this.promises.end(request), own: null };
    const nodes = Object.entries(names).map(([id, name]) => nodeOf(id, name));
    return this.checker.list({ type: TYPE, test: () => true, nodes, after: null, more }, ALICE, span);
  }
}

function viewOf(id: string, name: string): View {
  const fields = { name, description: null, statusText: 'available', volumeId: 'volume' };
  const texts = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)]));
  return { id, project: 'demo-a', open: false, place: id, fields, texts };
}

function nodeOf(id: string, name: string): Node {
  return { id, name, description: null, statusText: 'available', volumeId: 'volume' };
}

describe('a row', () => {
  it('as it was before a mutation is stale to a query sent after its answer', () => {
    const scene = new Scene();
    scene.renamed('one', 'new');
    expect(scene.showsRow(scene.promises.begin(), 'old')?.what).toBe('VolumeSnapshot one');
    expect(scene.showsRow(scene.promises.begin(), 'new')).toBeNull();
  });

  it('may be as before or as after to a query sent before that answer', () => {
    const scene = new Scene();
    const mutation = scene.mutation();
    const [first, second] = [scene.promises.begin(), scene.promises.begin()];
    mutation.commit('one', 'new');
    mutation.end('confirmed');
    expect(scene.showsRow(first, 'old')).toBeNull();
    expect(scene.showsRow(second, 'new')).toBeNull();
  });

  it('may not come from the future, nor be what it never was', () => {
    const scene = new Scene();
    const request = scene.promises.begin();
    const span = { sent: request.sent, answered: scene.promises.end(request), own: null };
    scene.renamed('one', 'new');
    expect(scene.checker.row(TYPE, 'one', nodeOf('one', 'new'), ALICE, span)).not.toBeNull();
    expect(scene.showsRow(scene.promises.begin(), 'never')).not.toBeNull();
    const span2 = { ...span, sent: scene.clock.now(), answered: scene.clock.now() };
    expect(scene.checker.row(TYPE, 'three', nodeOf('three', 'old'), ALICE, span2)?.what).toContain('never was');
    expect(scene.checker.row(TYPE, 'one', nodeOf('two', 'old'), ALICE, span2)?.what).toContain('another row');
  });

  it('that is deleted is gone, and one that has been made is there', () => {
    const scene = new Scene();
    scene.renamed('one', null);
    expect(scene.showsRow(scene.promises.begin(), 'old')).not.toBeNull();
    expect(scene.showsRow(scene.promises.begin(), null)).toBeNull();
    scene.renamed('one', 'again');
    expect(scene.showsRow(scene.promises.begin(), null)).not.toBeNull();
  });

  it('is nothing to whom it is hidden from', () => {
    const scene = new Scene();
    expect(scene.showsRow(scene.promises.begin(), null, BOB)).toBeNull();
    expect(scene.showsRow(scene.promises.begin(), 'old', BOB)).not.toBeNull();
  });

  it('in a mutation’s own payload is as after its write', () => {
    const scene = new Scene();
    const mutation = scene.mutation();
    mutation.commit('one', 'new');
    expect(scene.showsRow(scene.promises.begin(), 'old')).toBeNull();
    expect(scene.showsRow(mutation.request, 'old', ALICE, mutation.deed)).not.toBeNull();
  });

  it('is judged the same after its past has been forgotten', () => {
    const scene = new Scene();
    const early = scene.promises.begin();
    scene.renamed('one', 'new');
    scene.history.forget(scene.promises.oldest);
    expect(scene.showsRow(early, 'old')).toBeNull();
    scene.history.forget(scene.promises.oldest);
    expect(scene.history.find(TYPE, 'one')?.versions).toHaveLength(1);
    expect(scene.showsRow(scene.promises.begin(), 'old')).not.toBeNull();
  });
});

describe('what nobody has vouched for', () => {
  it('binds nobody where the answer said unconfirmed', () => {
    const scene = new Scene();
    scene.renamed('one', 'new', 'unconfirmed');
    expect(scene.showsRow(scene.promises.begin(), 'old')).toBeNull();
  });

  it('binds, where nobody knows the outcome, whoever asks when all have ended that were under way', () => {
    const scene = new Scene();
    const mutation = scene.mutation();
    mutation.end('unknown');
    const slow = scene.promises.begin();
    mutation.commit('one', 'new');
    expect(scene.showsRow(scene.promises.begin(), 'old')).toBeNull();
    expect(scene.showsRow(slow, 'old')).toBeNull();
    expect(scene.showsRow(scene.promises.begin(), 'old')).not.toBeNull();
  });

  it('binds, where the cloud did it later, two seconds after all have ended that were under way', () => {
    const scene = new Scene();
    const mutation = scene.mutation();
    mutation.end('confirmed');
    const slow = scene.promises.begin();
    mutation.commit('one', 'new', true);
    scene.ms = 3000;
    expect(scene.showsRow(slow, 'old')).toBeNull();
    scene.ms = 5000;
    expect(scene.showsRow(scene.promises.begin(), 'old')).toBeNull();
    scene.ms = 5100;
    expect(scene.showsRow(scene.promises.begin(), 'old')).not.toBeNull();
  });

  it('binds nobody while memcached may lose the hold, but for what was answered for', () => {
    const scene = new Scene();
    scene.promises.holdsMayBeLost = true;
    const [lost, done] = [scene.mutation(), scene.mutation()];
    done.commit('two', 'new');
    lost.commit('one', 'new');
    lost.end('unknown');
    done.end('confirmed');
    scene.ms = 60_000;
    expect(scene.showsList(scene.promises.begin(), { one: 'old', two: 'new' })).toBeNull();
    expect(scene.showsList(scene.promises.begin(), { one: 'old', two: 'old' })).not.toBeNull();
  });

  it('binds nobody where it comes after the write has settled', () => {
    const scene = new Scene();
    const mutation = scene.mutation();
    mutation.end('confirmed');
    scene.ms = 4100;
    mutation.commit('one', 'new', true);
    scene.ms = 60_000;
    expect(scene.showsRow(scene.promises.begin(), 'old')).toBeNull();
  });
});

describe('a list', () => {
  it('with a row as it was before a mutation is stale', () => {
    const scene = new Scene();
    scene.renamed('one', 'new');
    expect(scene.showsList(scene.promises.begin(), { one: 'old', two: 'old' })?.what).toBe('VolumeSnapshot list');
    expect(scene.showsList(scene.promises.begin(), { one: 'new', two: 'old' })).toBeNull();
  });

  it('without a row that has been made, or with one that is gone, is stale', () => {
    const scene = new Scene();
    scene.renamed('one', null);
    expect(scene.showsList(scene.promises.begin(), { one: 'old', two: 'old' })).not.toBeNull();
    expect(scene.showsList(scene.promises.begin(), { two: 'old' })).toBeNull();
    expect(scene.showsList(scene.promises.begin(), {})).not.toBeNull();
  });

  it('that mixes two moments is wrong, though every row of it could be shown alone', () => {
    const scene = new Scene();
    const [mixed, right] = [scene.promises.begin(), scene.promises.begin()];
    scene.renamed('one', 'new');
    scene.renamed('two', 'new');
    expect(scene.showsList(mixed, { one: 'old', two: 'new' })?.what).toContain('no single moment');
    expect(scene.showsList(right, { one: 'new', two: 'old' })).toBeNull();
  });

  it('says nothing of the rows behind its last where more follow', () => {
    const scene = new Scene();
    scene.renamed('two', 'new');
    expect(scene.showsList(scene.promises.begin(), { one: 'old' }, true)).toBeNull();
    expect(scene.showsList(scene.promises.begin(), { one: 'old' })).not.toBeNull();
  });

  it('shows each row once, and none that never was', () => {
    const scene = new Scene();
    expect(scene.showsList(scene.promises.begin(), { one: 'old', two: 'old', three: 'old' })).not.toBeNull();
    const request = scene.promises.begin();
    const span = { sent: request.sent, answered: scene.promises.end(request), own: null };
    const nodes = [nodeOf('one', 'old'), nodeOf('one', 'old'), nodeOf('two', 'old')];
    const list = { type: TYPE, test: () => true, nodes, after: null, more: false } as const;
    expect(scene.checker.list(list, ALICE, span)?.what).toContain('twice');
  });
});
