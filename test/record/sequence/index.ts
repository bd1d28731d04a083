import type { Step } from '../step.js';
import { volumeEnd, volumeSteps } from './block-storage.js';
import { computeSteps } from './compute.js';
import { identitySteps } from './identity.js';
import { imageSteps } from './image.js';
import { moreCompute, moreImages, moreNetwork, unscoped } from './more.js';
import { networkEnd, networkSteps } from './network.js';
import { networkInput } from './network-input.js';
import { prepare } from './prepare.js';
import { snapshotSteps } from './volume-snapshots.js';

/** The whole sequence in its parts; each part but the first is recorded in one file of `test/recorded/`. */
export const sequence: readonly { readonly file: string | null; readonly steps: readonly Step[] }[] = [
  { file: null, steps: prepare },
  { file: 'identity/identity', steps: identitySteps },
  { file: 'network/network', steps: networkSteps },
  { file: 'image/image', steps: imageSteps },
  { file: 'block-storage/block-storage', steps: volumeSteps },
  { file: 'block-storage/snapshots', steps: snapshotSteps },
  { file: 'compute/compute', steps: computeSteps },
  { file: 'network/more', steps: moreNetwork },
  { file: 'network/input', steps: networkInput },
  { file: 'image/more', steps: moreImages },
  { file: 'compute/more', steps: moreCompute },
  { file: 'identity/unscoped', steps: unscoped },
  { file: 'network/deleting', steps: networkEnd },
  { file: 'block-storage/deleting', steps: volumeEnd },
];
