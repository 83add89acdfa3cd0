import { Buffer } from "node:buffer";

/** The kinds of frames, as in the agent's protocol.h. */
export const FRAME = { batch: 1, hello: 16, results: 17, progress: 18, trouble: 19 } as const;

export const FRAME_HEADER_BYTES = 16;
const MAGIC = 0x5644_414b;
const LONGEST = 0x400_0000;

/** A frame; with a block, its bytes lie on the mailbox disk from that block on. */
export interface Frame {
  readonly kind: number;
  readonly length: number;
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** The head of a frame. */
export function frameHeader(kind: number, length: number, block = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES));
  for (const [i, word] of [MAGIC, kind, length, block].entries()) view.setUint32(i * 4, word, true);
  return new Uint8Array(view.buffer);
}

/** Takes bytes as they come in, and gives the frames that are complete. */
export class FrameReader {
  private chunks: Uint8Array[] = [];
  private waiting = 0;

  /** @throws RangeError for bytes that are no frame */
  *take(chunk: Uint8Array): Generator<Frame, void, void> {
    this.chunks.push(chunk);
    this.waiting += chunk.length;
    while (this.waiting >= FRAME_HEADER_BYTES) {
      const first = this.chunks[0];
      const head = first.length >= FRAME_HEADER_BYTES ? first : this.join();
      const view = new DataView(head.buffer, head.byteOffset);
      const [kind, length, block] = [4, 8, 12].map((at) => view.getUint32(at, true)) as [
        number,
        number,
        number,
      ];
      if (view.getUint32(0, true) !== MAGIC || length > LONGEST) {
        throw new RangeError("expected a frame of the agent's protocol");
      }
      const whole = FRAME_HEADER_BYTES + (block === 0 ? length : 0);
      if (this.waiting < whole) return;
      const bytes = this.join();
      this.chunks = bytes.length > whole ? [bytes.subarray(whole)] : [];
      this.waiting -= whole;
      yield { kind, length, block, bytes: bytes.subarray(FRAME_HEADER_BYTES, whole) };
    }
  }

  private join(): Uint8Array {
    const [first] = this.chunks;
    const all = this.chunks.length === 1 ? first : new Uint8Array(Buffer.concat(this.chunks));
    this.chunks = [all];
    return all;
  }
}
