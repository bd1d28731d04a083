import { bodyOf } from '../compute/nova.js';
import { type Answer, type Call, objectIn, Refusal } from '../http.js';
import { mayWrite } from '../policy.js';
import { denied, visibleSnapshot, visibleVolume } from './find.js';
import { textsIn } from './input.js';
import { changeSnapshot } from './snapshot-state.js';
import { changeVolume } from './volume-state.js';

/** `POST …/metadata` adds to what there is, `PUT` replaces it. */
export type Way = 'add' | 'replace';

/** `POST` and `PUT /volumes/:id/metadata`. */
export function writeVolumeMetadata(call: Call, way: Way): Answer {
  const given = textsIn(bodyOf(call, 'metadata', null));
  const volume = visibleVolume(call);
  if (!mayWrite(call.asker)) throw denied(`volume:${way === 'add' ? 'create' : 'update'}_volume_metadata`);
  const metadata = way === 'add' ? { ...volume.metadata, ...given } : given;
  changeVolume(call.world, volume.id, { metadata });
  return { status: 200, body: { metadata } };
}

/** `POST` and `PUT /snapshots/:id/metadata`. */
export function writeSnapshotMetadata(call: Call, way: Way): Answer {
  if (call.body === undefined) throw new Refusal(400, 'Malformed request body');
  const given = objectIn(call.body, 'metadata');
  if (given === undefined) throw new Refusal(400, "Missing required element 'metadata' in request body.");
  const snapshot = visibleSnapshot(call);
  if (!mayWrite(call.asker)) throw denied('volume:update_snapshot_metadata');
  const odd = Object.keys(given).find((name) => typeof given[name] !== 'string');
  if (odd !== undefined) {
    const reason = `Value for metadata key: ${odd} is not a string or unicode`;
    throw new Refusal(400, `Invalid metadata: Invalid input received: ${reason}`);
  }
  const metadata = way === 'add' ? { ...snapshot.metadata, ...textsIn(given) } : textsIn(given);
  changeSnapshot(call.world, snapshot.id, { metadata });
  return { status: 200, body: { metadata } };
}
