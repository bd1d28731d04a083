import { faultBody, minorVersion, unknownPath } from '../compute/nova.js';
import { type Answer, type Call, middlewareUnauthenticated, Refusal, route, type Service } from '../http.js';
import { getAttachment, listAttachments } from './attachments.js';
import { denied } from './find.js';
import { writeSnapshotMetadata, writeVolumeMetadata } from './metadata.js';
import {
  actOnSnapshot,
  createSnapshot,
  deleteSnapshot,
  getSnapshot,
  listSnapshots,
  updateSnapshot,
} from './snapshots.js';
import { createVolume, deleteVolume, getType, getVolume, listTypes, listVolumes, updateVolume } from './volumes.js';

const NEWEST = 70;
const PROJECT = /^\/v3\/([0-9a-f]{32}|[0-9a-f-]{36})(?=\/)/;
const MALFORMED = 'The server could not comply with the request since it is either malformed or otherwise incorrect.';

/** Cinder. */
export const blockStorage: Service = {
  prefix: '/block-storage',
  routes: [
    route('GET /', (call) => versions(call, 300), true),
    route('GET /v3', (call) => versions(call, 200)),
    route('GET /v3/volumes', (call) => listVolumes(call, false)),
    route('GET /v3/volumes/detail', (call) => listVolumes(call, true)),
    route('POST /v3/volumes', createVolume),
    route('GET /v3/volumes/:id', getVolume),
    route('PUT /v3/volumes/:id', updateVolume),
    route('DELETE /v3/volumes/:id', deleteVolume),
    route('POST /v3/volumes/:id/metadata', (call) => writeVolumeMetadata(call, 'add')),
    route('PUT /v3/volumes/:id/metadata', (call) => writeVolumeMetadata(call, 'replace')),
    route('GET /v3/types', listTypes),
    route('GET /v3/types/:id', getType),
    route('GET /v3/snapshots', (call) => listSnapshots(call, false)),
    route('GET /v3/snapshots/detail', (call) => listSnapshots(call, true)),
    route('POST /v3/snapshots', createSnapshot),
    route('GET /v3/snapshots/:id', getSnapshot),
    route('PUT /v3/snapshots/:id', updateSnapshot),
    route('DELETE /v3/snapshots/:id', deleteSnapshot),
    route('POST /v3/snapshots/:id/action', actOnSnapshot),
    route('POST /v3/snapshots/:id/metadata', (call) => writeSnapshotMetadata(call, 'add')),
    route('PUT /v3/snapshots/:id/metadata', (call) => writeSnapshotMetadata(call, 'replace')),
    route('GET /v3/attachments', (call) => listAttachments(call, false)),
    route('GET /v3/attachments/detail', (call) => listAttachments(call, true)),
    route('GET /v3/attachments/:id', getAttachment),
    route('GET /v3/os-availability-zone', () => ({
      status: 200,
      body: { availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }] },
    })),
    route('GET /v3/os-services', () => {
      throw denied('volume_extension:services:index');
    }),
  ],
  // The project in the path must be the token's own, also for an administrator; it may be left out.
  rewrite: (path, asker) => {
    const project = PROJECT.exec(path)?.[1];
    if (project === undefined) return path;
    if (project !== asker?.projectId) throw new Refusal(400, 'Malformed request url');
    return path.replace(PROJECT, '/v3');
  },
  unauthenticated: middlewareUnauthenticated,
  refuse: (refusal) => ({ status: refusal.status, body: faultBody(refusal, refusal.headers['retry-after']) }),
  unknown: unknownPath,
  negotiate: (header) => {
    const asked = header('openstack-api-version');
    if (asked === undefined) return minorVersion(undefined, 3, NEWEST, 0);
    const [service, version] = asked.split(' ');
    if (service !== 'volume') throw new Refusal(400, MALFORMED);
    return minorVersion(version, 3, NEWEST, 0);
  },
  headers: (version, requestId) => {
    if (version === null) return { 'x-openstack-request-id': requestId };
    const ids = { 'x-openstack-request-id': requestId, 'x-compute-request-id': requestId };
    if (version === '') return ids;
    const full = typeof version === 'string' ? version : `3.${version}`;
    return {
      ...ids,
      'openstack-api-version': `volume ${full}`,
      vary: 'OpenStack-API-Version',
    };
  },
};

function versions(call: Call, status: number): Answer {
  const row = {
    id: 'v3.0',
    status: 'CURRENT',
    version: `3.${NEWEST}`,
    min_version: '3.0',
    updated: '2022-08-31T00:00:00Z',
    links: [
      { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
      { rel: 'self', href: `${call.root}/v3/` },
    ],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  };
  return { status, body: { versions: [row] } };
}
