const FULL = process.env['PROOFS'] === 'full';

/** How much a proof does: a short run within `npm test`, the whole of it within `npm run test:proofs`. */
export function sized<T>(short: T, full: T): T {
  return FULL ? full : short;
}
