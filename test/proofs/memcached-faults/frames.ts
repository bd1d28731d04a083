const HEADER_BYTES = 24;

/** Puts the answers of one connection together from whatever pieces TCP delivers. */
export class FrameReader {
  #rest: Buffer = Buffer.of();

  /** Takes more bytes; answers with the frames that are complete now. */
  push(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Buffer[] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const length = HEADER_BYTES + this.#rest.readUInt32BE(8);
      if (this.#rest.length < length) break;
      frames.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }
}

export function opaqueOf(frame: Buffer): number {
  return frame.readUInt32BE(12);
}

export function opcodeOf(frame: Buffer): number {
  return frame.readUInt8(1);
}

/** A copy of the frame with one thing of its header changed. */
export function altered(
  frame: Buffer,
  change: {
    readonly magic?: number;
    readonly opcode?: number;
    readonly opaque?: number;
    readonly keyLength?: number;
    readonly bodyLength?: number;
  },
): Buffer {
  const copy = Buffer.from(frame);
  if (change.magic !== undefined) copy.writeUInt8(change.magic, 0);
  if (change.opcode !== undefined) copy.writeUInt8(change.opcode, 1);
  if (change.keyLength !== undefined) copy.writeUInt16BE(change.keyLength, 2);
  if (change.bodyLength !== undefined) copy.writeUInt32BE(change.bodyLength, 8);
  if (change.opaque !== undefined) copy.writeUInt32BE(change.opaque, 12);
  return copy;
}

/** A copy of the frame with another key, if it has one. */
export function ofAnotherKey(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  const keyAt = HEADER_BYTES + frame.readUInt8(4);
  if (frame.readUInt16BE(2) > 0) copy.writeUInt8(frame.readUInt8(keyAt) ^ 1, keyAt);
  return copy;
}
