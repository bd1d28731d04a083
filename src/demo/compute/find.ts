import { type Call, Refusal } from '../http.js';
import { mayWrite, owns } from '../policy.js';
import type { Server } from '../rows.js';
import { denied } from './nova.js';

/** The server of the path; 404 for another project's. */
export function serverOf(call: Call): Server {
  const id = call.parts['id'] ?? '';
  const server = call.world.servers.get(id);
  // Without a project Nova looks in all of them, and then its policy refuses.
  if (server !== undefined && call.asker.projectId === null) throw denied('servers:show');
  if (server === undefined || !owns(call.asker, server.projectId)) {
    throw new Refusal(404, `Instance ${id} could not be found.`);
  }
  return server;
}

/** The server of the path for a write, which readers may not do. */
export function ownServer(call: Call, action: string): Server {
  const server = serverOf(call);
  if (!mayWrite(call.asker)) throw denied(action);
  return server;
}
