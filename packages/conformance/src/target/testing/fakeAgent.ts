import {
  readField,
  sizeOf,
  structure,
  writeField,
  type Field,
} from "../../program/testing/protocolHeader.ts";
import type { Connection } from "../connection.ts";
import { FRAME, type Frame } from "../frames.ts";

/** What goes wrong with it. */
export interface FakeTrouble {
  /** It goes down in its n-th program, counted from 1; it falls silent there. */
  readonly fallAt?: number;
  readonly silentAt?: number;
  /** It tells trouble in its n-th program; with 0 before the first. */
  readonly troubleAt?: number;
  readonly console?: string;
  /** It never says hello; it ends before it could. */
  readonly mute?: boolean;
  readonly diesAtOnce?: string;
}

/** An agent without a kernel: every operation is done, its value its number. */
export class FakeAgent implements Connection {
  onFrame: (frame: Frame) => void = () => undefined;
  onEnd: (why: string) => void = () => undefined;
  private readonly trouble: FakeTrouble;
  private programs = 0;
  private isDown = false;

  constructor(trouble: FakeTrouble = {}) {
    this.trouble = trouble;
  }

  begin(): this {
    setImmediate(() => {
      const { mute, diesAtOnce } = this.trouble;
      if (diesAtOnce !== undefined) this.onEnd(diesAtOnce);
      else if (mute !== true) this.say(FRAME.hello, Buffer.from("protocol=1\n"));
    });
    return this;
  }

  say(kind: number, bytes: Uint8Array): void {
    this.onFrame({ kind, length: bytes.length, block: 0, bytes });
  }

  send(_kind: number, batch: Uint8Array): void {
    const copy = batch.slice();
    setImmediate(() => this.answer(copy));
  }

  console(): string {
    return this.trouble.console ?? "";
  }

  close(): Promise<void> {
    this.isDown = true;
    return Promise.resolve();
  }

  private answer(batch: Uint8Array): void {
    const results: Uint8Array[] = [];
    if (this.trouble.troubleAt === 0) this.complain();
    const count = Number(readField(batch, 0, fieldOf("batch", "programs")));
    for (let i = 0, at = sizeOf("batch"); i < count && !this.isDown; i++) {
      this.programs++;
      this.say(FRAME.progress, Uint8Array.of(i, 0, 0, 0));
      if (this.programs === this.trouble.troubleAt) this.complain();
      if (this.programs === this.trouble.silentAt) {
        // What came before it was told; the rest waits.
        this.tell(results);
        return;
      }
      if (this.programs === this.trouble.fallAt) {
        this.tell(results);
        this.onEnd("the machine stopped");
        return;
      }
      results.push(resultsOf(Number(readField(batch, at, fieldOf("program", "operations")))));
      at += Number(readField(batch, at, fieldOf("program", "bytes")));
    }
    this.tell(results);
  }

  private complain(): void {
    this.say(FRAME.trouble, Buffer.from("a program that cannot be"));
    this.isDown = true;
  }

  private tell(results: readonly Uint8Array[]): void {
    if (results.length > 0) this.say(FRAME.results, new Uint8Array(Buffer.concat(results)));
  }
}

function fieldOf(name: string, word: string): Field {
  const field = structure(name).get(word);
  if (field === undefined) throw new RangeError(`struct ${name} has no ${word}`);
  return field;
}

function resultsOf(operations: number): Uint8Array {
  const headerBytes = sizeOf("program_results");
  const bytes = new Uint8Array(headerBytes + operations * sizeOf("result"));
  writeField(bytes, 0, fieldOf("program_results", "bytes"), bytes.length);
  writeField(bytes, 0, fieldOf("program_results", "operations"), operations);
  for (let i = 0; i < operations; i++) {
    const at = headerBytes + i * sizeOf("result");
    writeField(bytes, at, fieldOf("result", "state"), 1);
    writeField(bytes, at, fieldOf("result", "value"), i);
  }
  return bytes;
}
