import { volume } from './volume.js';
import { volumeSnapshot } from './volume-snapshot.js';

/** Cinder's resources. */
export const blockStorage = { Volume: volume, VolumeSnapshot: volumeSnapshot };
