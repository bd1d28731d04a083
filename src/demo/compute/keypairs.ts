import { type Answer, type Call, Refusal } from '../http.js';
import type { Keypair } from '../rows.js';
import { inZeroMicroseconds } from '../times.js';
import { novaPage } from './nova.js';

/** Key pairs are the user's, not the project's: wrapped twice, their marker is the name. */
export function listKeypairs(call: Call): Answer {
  const mine = call.world.keypairs.by('userId', call.asker.userId).sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = novaPage(call, mine, ({ name }) => name);
  const keypairs = page.rows.map((key) => ({ keypair: showBrief(call, key) }));
  return { status: 200, body: { keypairs, ...(page.links.length > 0 ? { keypairs_links: page.links } : {}) } };
}

export function getKeypair(call: Call): Answer {
  const name = call.parts['name'] ?? '';
  const key = call.world.keypairs.get(`${call.asker.userId}/${name}`);
  if (key === undefined) throw new Refusal(404, `Keypair ${name} not found for user ${call.asker.userId}`);
  const more = {
    user_id: key.userId,
    created_at: inZeroMicroseconds(key.createdAt),
    deleted: false,
    deleted_at: null,
    id: key.number,
    updated_at: null,
  };
  return { status: 200, body: { keypair: { ...showBrief(call, key), ...more } } };
}

function showBrief(call: Call, { name, publicKey, fingerprint }: Keypair): Record<string, unknown> {
  return { name, public_key: publicKey, fingerprint, ...(call.version >= 2 ? { type: 'ssh' } : {}) };
}
