/**
 * The bytes of `value`, in memory of their own. Node cuts small buffers out of slabs of 8 KiB, and a single one that is kept
 * keeps its whole slab: what is kept for long must not come from one.
 */
export function ownBytes(value: Buffer | string): Buffer {
  const own = Buffer.allocUnsafeSlow(Buffer.byteLength(value));
  if (typeof value === 'string') own.write(value);
  else value.copy(own);
  return own;
}
