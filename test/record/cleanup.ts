import type { Player } from './play.js';
import { at, on, type ServiceName, type Step } from './step.js';

/** What the sequence makes, in an order in which it can go: servers first, snapshots before volumes, networks last. */
const MADE: readonly (readonly [service: ServiceName, list: string, many: string])[] = [
  ['compute', '/servers?name=^rec-', 'servers'],
  ['block-storage', '/snapshots', 'snapshots'],
  ['block-storage', '/volumes', 'volumes'],
  ['network', '/floatingips?description=rec-address', 'floatingips'],
  ['network', '/ports', 'ports'],
  ['network', '/security-groups', 'security_groups'],
  ['network', '/subnets', 'subnets'],
  ['network', '/networks', 'networks'],
  ['image', '/images?visibility=private', 'images'],
  ['image', '/images?tag=rec-nameless', 'images'],
];

/** Deletes whatever an interrupted run has left: everything of alice's whose name begins with `rec-`. */
export async function cleanUp(player: Player): Promise<void> {
  for (const [service, list, many] of MADE) {
    const path = list.split('?')[0] ?? list;
    const { raw } = await player.send(step(service, `GET ${list}`));
    const left = madeIn(raw, list, many);
    for (const row of left) await player.send(step(service, `DELETE ${path}/${String(at(row, 'id'))}`));
    if (!['servers', 'snapshots'].includes(many) || left.length === 0) continue;
    const gone = (_status: number, body: unknown) => madeIn(body, list, many).length === 0;
    await player.play([{ ...step(service, `GET ${list}`), until: gone }]);
  }
}

function madeIn(body: unknown, list: string, many: string): unknown[] {
  const rows = at(body, many);
  return (Array.isArray(rows) ? rows : []).filter(
    (row) => many === 'floatingips' || list.includes('tag=rec-') || String(at(row, 'name')).startsWith('rec-'),
  );
}

function step(service: ServiceName, request: string): Step {
  return on(service)('clean up', 'alice', request);
}
