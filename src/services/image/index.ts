import { image as imageResource } from './image.js';

/** Glance's resources. */
export const image = { Image: imageResource };
