import { bodyOf, python } from '../compute/nova.js';
import { type Answer, type Call, HTML, Refusal } from '../http.js';
import { isAdmin, mayWrite, owns } from '../policy.js';
import type { Image, Snapshot, Volume, VolumeType } from '../rows.js';
import { denied, visibleSnapshot, visibleVolume, volumeMissing } from './find.js';
import { checkChanges, textIn, textsIn } from './input.js';
import { type Listing, listRows } from './listing.js';
import { checkGigabytes } from './quota.js';
import { beginDeletion, isDeletable } from './snapshot-state.js';
import { ADMIN_FILTERS, CHECKS, FILTERS } from './volume-filters.js';
import { changeVolume } from './volume-state.js';
import { showBrief, showVolume } from './volume-view.js';

const CREATE = [
  'name',
  'display_name',
  'description',
  'display_description',
  'size',
  'volume_type',
  'metadata',
  'availability_zone',
  'snapshot_id',
  'source_volid',
  'imageRef',
  'image_id',
  'multiattach',
  'consistencygroup_id',
  'group_id',
  'backup_id',
  'user_id',
  'project_id',
  'status',
  'attach_status',
];
const UPDATE = ['name', 'description', 'display_name', 'display_description', 'metadata'];
const MALFORMED = 'The server could not comply with the request since it is either malformed or otherwise incorrect.';

const LISTING: Listing<Volume> = {
  many: 'volumes',
  table: (world) => world.volumes,
  missing: volumeMissing,
  filters: FILTERS,
  adminFilters: ADMIN_FILTERS,
  checks: CHECKS,
  sortKeys: { size: (volume) => volume.size, bootable: (volume) => volume.bootable },
};

/** `GET /volumes` and `/volumes/detail`. */
export function listVolumes(call: Call, detail: boolean): Answer {
  if (call.asker.projectId === null) throw denied('volume:get_all');
  return listRows(call, LISTING, (volume) => (detail ? showVolume(call, volume) : showBrief(call, volume)));
}

export function getVolume(call: Call): Answer {
  return { status: 200, body: { volume: showVolume(call, visibleVolume(call)) } };
}

/** `POST /volumes`: 202 with the row, `creating`; `available` after a moment. */
export function createVolume(call: Call): Answer {
  const { world, asker } = call;
  const input = bodyOf(call, 'volume', CREATE);
  if (!mayWrite(asker)) throw denied('volume:create');
  checkSize(input['size']);
  const type = typeOf(call, input['volume_type']);
  const source = sourceOf(call, input);
  const size = Number(input['size'] ?? source.size);
  if (Number.isNaN(size)) throw new Refusal(400, MALFORMED);
  checkGigabytes(call, size);
  const volume: Volume = {
    id: world.random.uuid(),
    name: textIn(input, 'name', null),
    description: textIn(input, 'description', null),
    projectId: asker.projectId ?? '',
    userId: asker.userId,
    size,
    status: 'creating',
    typeId: type.id,
    backend: null,
    metadata: textsIn(input['metadata']),
    bootable: false,
    snapshotId: source.snapshot?.id ?? null,
    sourceVolumeId: source.volume?.id ?? null,
    multiattach: input['multiattach'] === true,
    imageMetadata: null,
    attachments: [],
    created: world.now(),
    updated: null,
  };
  world.volumes.insert(volume);
  const backend = type.extraSpecs['volume_backend_name'] ?? 'ssd';
  world.later(500, () => {
    const image = source.image === null ? {} : { bootable: true, imageMetadata: imageMetadata(source.image) };
    changeVolume(world, volume.id, { status: 'available', backend, ...image });
  });
  return { status: 202, body: { volume: showVolume(call, volume, 'create') } };
}

function checkSize(size: unknown): void {
  if (size === undefined || size === null) return;
  const input = `Invalid input for field/attribute size. Value: ${String(size)}.`;
  if (typeof size === 'number' && size < 1) throw new Refusal(400, `${input} ${size} is less than the minimum of 1`);
  if (!/^\d+$/.test(String(size))) throw new Refusal(400, `${input} ${python(size)} does not match '^[0-9]+$'`);
}

function typeOf({ world }: Call, wanted: unknown): VolumeType {
  const name = wanted === undefined || wanted === null ? '__DEFAULT__' : String(wanted);
  const type = world.volumeTypes.all().find((each) => each.name === name || each.id === name);
  if (type !== undefined) return type;
  const byId = /^[0-9a-f-]{36}$/.test(name);
  throw new Refusal(
    404,
    byId ? `Volume type ${name} could not be found.` : `Volume type with name ${name} could not be found.`,
  );
}

interface Source {
  readonly size: number | undefined;
  readonly image: Image | null;
  readonly snapshot?: Snapshot;
  readonly volume?: Volume;
}

function sourceOf(call: Call, input: Record<string, unknown>): Source {
  const { world, asker } = call;
  const imageId = input['imageRef'] ?? input['image_id'];
  if (imageId !== undefined && imageId !== null) {
    const image = world.images.get(String(imageId));
    const visible = image !== undefined && (image.visibility === 'public' || owns(asker, image.owner));
    if (!visible) throw new Refusal(400, 'Invalid image identifier or unable to access requested image.');
    return { size: undefined, image };
  }
  if (typeof input['snapshot_id'] === 'string') {
    const snapshot = visibleSnapshot(call, input['snapshot_id']);
    return { size: snapshot.size, image: null, snapshot };
  }
  if (typeof input['source_volid'] === 'string') {
    const volume = visibleVolume(call, input['source_volid']);
    return { size: volume.size, image: null, volume };
  }
  return { size: undefined, image: null };
}

/** What a volume keeps of the image that it was made from; all of it text. */
function imageMetadata(image: Image): Record<string, string> {
  const standard = ['name', 'checksum', 'container_format', 'disk_format', 'min_disk', 'min_ram', 'size'];
  const custom = Object.keys(image).filter(
    (name) => name.startsWith('os_') && !['os_hidden', 'os_hash_algo', 'os_hash_value'].includes(name),
  );
  const kept = [...standard, ...custom].map((name) => [name === 'name' ? 'image_name' : name, String(image[name])]);
  return Object.fromEntries([['image_id', image.id], ...kept]);
}

/** `PUT /volumes/:id`: answers with the fresh row. */
export function updateVolume(call: Call): Answer {
  const input = bodyOf(call, 'volume', UPDATE);
  checkChanges('volume', input);
  const volume = visibleVolume(call);
  if (!mayWrite(call.asker)) throw denied('volume:update');
  const changed = changeVolume(call.world, volume.id, {
    name: textIn(input, 'name', volume.name),
    description: textIn(input, 'description', volume.description),
    ...(input['metadata'] === undefined ? {} : { metadata: textsIn(input['metadata']) }),
  });
  return { status: 200, body: { volume: showVolume(call, changed ?? volume, 'update') } };
}

const DELETABLE = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'];

/** `DELETE /volumes/:id`: 202, `deleting`, gone after a moment, with `cascade` its snapshots too. In use is 400 here, not 409. */
export function deleteVolume(call: Call): Answer {
  const { world } = call;
  const [cascade, force] = [flagIn(call, 'cascade'), flagIn(call, 'force')];
  const volume = visibleVolume(call);
  if (!mayWrite(call.asker)) throw denied('volume:delete');
  if (force && !isAdmin(call.asker)) throw denied('volume:force_delete');
  const snapshots = world.snapshots.by('volumeId', volume.id);
  const inTheWay = cascade ? !snapshots.every(isDeletable) : snapshots.length > 0;
  if (!DELETABLE.includes(volume.status) || inTheWay) {
    const must =
      'Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.';
    throw new Refusal(400, `Invalid volume: ${must}`);
  }
  for (const snapshot of snapshots) beginDeletion(world, snapshot);
  changeVolume(world, volume.id, { status: 'deleting' });
  world.later(500, () => world.volumes.delete(volume.id));
  return { status: 202, headers: { ...HTML, 'x-compute-request-id': '' } };
}

function flagIn({ query }: Call, name: string): boolean {
  const text = query.get(name) ?? 'false';
  if (/^(1|t|true|on|y|yes)$/i.test(text)) return true;
  if (/^(0|f|false|off|n|no)$/i.test(text)) return false;
  throw new Refusal(400, `Value '${text}' for '${name}' is not a boolean.`);
}

export function listTypes(call: Call): Answer {
  if (call.asker.projectId === null) throw denied('volume_extension:type_get_all');
  return { status: 200, body: { volume_types: call.world.volumeTypes.all().map((type) => showType(call, type)) } };
}

export function getType(call: Call): Answer {
  const id = call.parts['id'] ?? '';
  const type = call.world.volumeTypes.get(id);
  if (type === undefined) throw new Refusal(404, `Volume type ${id} could not be found.`);
  return { status: 200, body: { volume_type: showType(call, type) } };
}

function showType(call: Call, type: VolumeType): Record<string, unknown> {
  const admin = isAdmin(call.asker);
  return {
    id: type.id,
    name: type.name,
    is_public: true,
    description: type.description,
    extra_specs: admin ? type.extraSpecs : {},
    ...(admin ? { qos_specs_id: null } : {}),
    ...(mayWrite(call.asker) ? { 'os-volume-type-access:is_public': true } : {}),
  };
}
