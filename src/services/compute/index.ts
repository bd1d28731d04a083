import { flavor } from './flavor.js';
import { server } from './server.js';

/** Nova's resources. */
export const compute = { Server: server, Flavor: flavor };
