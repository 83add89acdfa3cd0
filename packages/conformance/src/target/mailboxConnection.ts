import type { ChildProcess } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { frameHeader, type Frame } from "./frames.ts";
import { ProcessConnection } from "./processConnection.ts";

/** Blocks of the mailbox: first its label, then two places for batches, then the agent's places. */
const BLOCK_BYTES = 4096;
const IN_BLOCKS: readonly number[] = [64, 2048];
const OUT_BLOCK = 4096;
const PLACES = 16;
const PLACE_BYTES = 0x100_0000;
export const MAILBOX_BYTES: number = OUT_BLOCK * BLOCK_BYTES + PLACES * PLACE_BYTES;
const LABEL = "KADVISE-MAILBOX";

/** Makes the file behind a mailbox disk; most of it is a hole. */
export function makeMailbox(path: string): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, MAILBOX_BYTES);
  writeSync(fd, LABEL);
  closeSync(fd);
}

/**
 * A line to the agent in an emulated machine: heads of frames over the serial line, which is slow,
 * and their bytes over a disk that both see.
 */
export class MailboxConnection extends ProcessConnection {
  private readonly fd: number;
  private readonly consolePath: string;
  private batches = 0;

  constructor(child: ChildProcess, name: string, mailbox: string, consolePath: string) {
    super(child, name);
    this.fd = openSync(mailbox, "r+");
    this.consolePath = consolePath;
  }

  override send(kind: number, bytes: Uint8Array): void {
    const block = IN_BLOCKS[this.batches++ % IN_BLOCKS.length];
    writeSync(this.fd, bytes, 0, bytes.length, block * BLOCK_BYTES);
    this.child.stdin!.write(frameHeader(kind, bytes.length, block));
  }

  override console(): string {
    const text = readFileSync(this.consolePath, "latin1");
    return text.replace(/\r/g, "").slice(-LONGEST_CONSOLE);
  }

  override async close(): Promise<void> {
    await super.close();
    closeSync(this.fd);
  }

  protected override fetch(frame: Frame): Frame {
    if (frame.block === 0) return frame;
    const bytes = new Uint8Array(frame.length);
    readSync(this.fd, bytes, 0, bytes.length, frame.block * BLOCK_BYTES);
    return { ...frame, bytes };
  }
}

const LONGEST_CONSOLE = 20_000;
