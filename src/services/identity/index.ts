import { project } from './project.js';

/** Keystone's resources. */
export const identity = { Project: project };
