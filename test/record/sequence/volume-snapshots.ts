import { on, type Step, waitFor, waitUntilGone } from '../step.js';

const cinder = on('block-storage');
const NONE = '00000000-0000-4000-8000-000000000000';
const volumeAvailable = (name: string) =>
  waitFor(cinder(name, 'alice', `GET /volumes/{${name}}`), 'volume.status', 'available');
const available = (name: string) =>
  waitFor(cinder(name, 'alice', `GET /snapshots/{${name}}`), 'snapshot.status', 'available');
const volumeGone = (name: string) => waitUntilGone(cinder(name, 'alice', `GET /volumes/{${name}}`));
const gone = (name: string) => waitUntilGone(cinder(name, 'alice', `GET /snapshots/{${name}}`));

const creating: readonly Step[] = [
  cinder('create a snapshot', 'alice', 'POST /snapshots', {
    body: {
      snapshot: {
        volume_id: '{volume}',
        name: 'rec-snapshot',
        description: 'recorded',
        metadata: { purpose: 'recorded' },
      },
    },
    save: { snapshot: 'snapshot.id' },
    rows: 'snapshot',
  }),
  available('snapshot'),
  cinder('a snapshot without a snapshot', 'alice', 'POST /snapshots', { body: {} }),
  cinder('a snapshot of nothing', 'alice', 'POST /snapshots', { body: { snapshot: { name: 'rec-x' } } }),
  cinder('a snapshot of null', 'alice', 'POST /snapshots', { body: { snapshot: { volume_id: null } } }),
  cinder('a snapshot of an id that is none', 'alice', 'POST /snapshots', { body: { snapshot: { volume_id: 'x' } } }),
  cinder('a snapshot of a missing volume', 'alice', 'POST /snapshots', { body: { snapshot: { volume_id: NONE } } }),
  cinder("a snapshot of another's volume", 'alice', 'POST /snapshots', {
    body: { snapshot: { volume_id: '{bob-volume}' } },
  }),
  cinder('a snapshot with a foreign attribute', 'alice', 'POST /snapshots', {
    body: { snapshot: { volume_id: '{volume}', foo: 'x' } },
  }),
  cinder('a snapshot that is no JSON', 'alice', 'POST /snapshots', { text: '{bad' }),
  cinder('a snapshot by no force', 'alice', 'POST /snapshots', {
    body: { snapshot: { volume_id: '{volume}', force: false } },
  }),
  cinder('a reader creates a snapshot', 'reader', 'POST /snapshots', { body: { snapshot: { volume_id: '{volume}' } } }),
  cinder('create a snapshot by force', 'alice', 'POST /snapshots', {
    body: { snapshot: { volume_id: '{volume}', display_name: 'rec-forced', force: true } },
    save: { 'forced-snapshot': 'snapshot.id' },
  }),
  available('forced-snapshot'),
];

const reading: readonly Step[] = [
  ...(['alice', 'reader', 'admin'] as const).flatMap((who) => [
    cinder(`a snapshot as ${who} sees it`, who, 'GET /snapshots/{snapshot}', { rows: 'snapshot' }),
    cinder(`snapshots as ${who} sees them`, who, 'GET /snapshots/detail?name=rec-snapshot', { rows: 'snapshot' }),
  ]),
  cinder('a snapshot as version 3.0 shows it', 'alice', 'GET /snapshots/{snapshot}', { oldest: true }),
  cinder('snapshots in brief', 'alice', 'GET /snapshots?name=rec-snapshot'),
  cinder("a volume's snapshots", 'alice', 'GET /snapshots/detail?volume_id={volume}'),
  cinder('a page of snapshots', 'alice', 'GET /snapshots?volume_id={volume}&sort=name:asc&limit=1&with_count=True'),
  cinder('snapshots by metadata', 'alice', "GET /snapshots?metadata={'purpose': 'recorded'}&status=available"),
  cinder('no snapshots', 'alice', 'GET /snapshots?limit=0'),
  cinder("a member's all_tenants of snapshots", 'alice', 'GET /snapshots?all_tenants=1&name=rec-snapshot'),
  cinder("an administrator's all_tenants", 'admin', 'GET /snapshots/detail?all_tenants=1&name=rec-snapshot'),
  cinder('snapshots by an id', 'alice', 'GET /snapshots?id={snapshot}'),
  cinder('an unknown filter of snapshots', 'alice', 'GET /snapshots?foo=1'),
  cinder("an administrator's unknown filter of snapshots", 'admin', 'GET /snapshots?foo=1'),
  cinder('an unknown status of snapshots', 'alice', 'GET /snapshots?status=zzz'),
  cinder('a negative limit of snapshots', 'alice', 'GET /snapshots?limit=-1'),
  cinder('an unknown marker of snapshots', 'alice', `GET /snapshots?marker=${NONE}`),
  cinder('an unknown sort key of snapshots', 'alice', 'GET /snapshots?sort=foo:asc'),
  cinder('a snapshot id that is none', 'alice', 'GET /snapshots/banana'),
  cinder("another's snapshot", 'bob', 'GET /snapshots/{snapshot}'),
];

const changing: readonly Step[] = [
  cinder('change a snapshot', 'alice', 'PUT /snapshots/{snapshot}', {
    body: { snapshot: { name: 'rec-renamed', description: null } },
    rows: 'snapshot',
  }),
  cinder('a snapshot that was changed', 'alice', 'GET /snapshots/{snapshot}', { rows: 'snapshot' }),
  cinder('change nothing of a snapshot', 'alice', 'PUT /snapshots/{snapshot}', { body: { snapshot: {} } }),
  cinder('change metadata among the rest', 'alice', 'PUT /snapshots/{snapshot}', {
    body: { snapshot: { name: 'x', metadata: { a: 'b' } } },
  }),
  cinder('a reader changes a snapshot', 'reader', 'PUT /snapshots/{snapshot}', { body: { snapshot: { name: 'x' } } }),
  cinder("change another's snapshot", 'bob', 'PUT /snapshots/{snapshot}', { body: { snapshot: { name: 'x' } } }),
  cinder('change a missing snapshot', 'alice', `PUT /snapshots/${NONE}`, { body: { snapshot: { name: 'x' } } }),
  ...(['snapshot', 'volume'] as const).flatMap((noun) => [
    cinder(`add metadata to a ${noun}`, 'alice', `POST /${noun}s/{${noun}}/metadata`, {
      body: { metadata: { added: 'yes' } },
    }),
    cinder(`replace the metadata of a ${noun}`, 'alice', `PUT /${noun}s/{${noun}}/metadata`, {
      body: { metadata: { purpose: 'recorded' } },
    }),
    cinder(`add no metadata to a ${noun}`, 'alice', `POST /${noun}s/{${noun}}/metadata`, { body: {} }),
    cinder(`a reader adds metadata to a ${noun}`, 'reader', `POST /${noun}s/{${noun}}/metadata`, {
      body: { metadata: { added: 'yes' } },
    }),
    cinder(`a reader replaces the metadata of a ${noun}`, 'reader', `PUT /${noun}s/{${noun}}/metadata`, {
      body: { metadata: { added: 'yes' } },
    }),
    cinder(`add metadata to a missing ${noun}`, 'alice', `POST /${noun}s/${NONE}/metadata`, {
      body: { metadata: { added: 'yes' } },
    }),
  ]),
  cinder('metadata that is no text', 'alice', 'PUT /snapshots/{snapshot}/metadata', { body: { metadata: { a: 1 } } }),
];

const usingAndDeleting: readonly Step[] = [
  cinder('create a volume from a snapshot', 'alice', 'POST /volumes', {
    body: { volume: { name: 'rec-from-snapshot', snapshot_id: '{snapshot}', volume_type: 'ssd' } },
    save: { 'from-snapshot': 'volume.id' },
    rows: 'volume',
  }),
  volumeAvailable('from-snapshot'),
  cinder('a volume from a snapshot', 'alice', 'GET /volumes/{from-snapshot}', { rows: 'volume' }),
  cinder('delete a volume that has snapshots', 'alice', 'DELETE /volumes/{volume}'),
  cinder('a reader deletes a snapshot', 'reader', 'DELETE /snapshots/{snapshot}'),
  cinder("delete another's snapshot", 'bob', 'DELETE /snapshots/{snapshot}'),
  cinder('delete a missing snapshot', 'alice', `DELETE /snapshots/${NONE}`),
  cinder('a member deletes a snapshot by force', 'alice', 'POST /snapshots/{snapshot}/action', {
    body: { 'os-force_delete': {} },
  }),
  cinder('an unknown action on a snapshot', 'alice', 'POST /snapshots/{snapshot}/action', { body: { foo: {} } }),
  cinder('delete a snapshot', 'alice', 'DELETE /snapshots/{snapshot}'),
  gone('snapshot'),
  cinder('a snapshot that is gone', 'alice', 'GET /snapshots/{snapshot}'),
  cinder('a volume whose snapshot is gone', 'alice', 'GET /volumes/{from-snapshot}'),
  cinder('delete a snapshot by force', 'admin', 'POST /snapshots/{forced-snapshot}/action', {
    body: { 'os-force_delete': {} },
  }),
  gone('forced-snapshot'),
];

const cascading: readonly Step[] = [
  cinder('create a snapshot to go with its volume', 'alice', 'POST /snapshots', {
    body: { snapshot: { volume_id: '{from-snapshot}', name: 'rec-cascading' } },
    save: { 'cascading-snapshot': 'snapshot.id' },
  }),
  available('cascading-snapshot'),
  cinder('delete a volume with its snapshots', 'alice', 'DELETE /volumes/{from-snapshot}?cascade=true'),
  volumeGone('from-snapshot'),
  cinder('a snapshot that went with its volume', 'alice', 'GET /snapshots/{cascading-snapshot}'),
];

/** Snapshots of the volume that is called `volume`, which has none before and after. */
export const snapshotSteps: readonly Step[] = [...creating, ...reading, ...changing, ...usingAndDeleting, ...cascading];
