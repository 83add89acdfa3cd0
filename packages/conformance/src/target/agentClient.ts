import { decodeResults } from "../program/decodeResults.ts";
import { encodeProgram } from "../program/encodeProgram.ts";
import { mostResultBytes } from "../program/mostResultBytes.ts";
import type { Program } from "../program/program.ts";
import { NOT_REACHED, type ProgramResult } from "../program/result.ts";
import { CannotRun } from "./cannotRun.ts";
import type { Connect, Connection } from "./connection.ts";
import { FRAME, type Frame } from "./frames.ts";

/** How long things may take; an emulated machine is given more. */
export interface Patience {
  /** How often the supervisor looks whether an actor died. */
  readonly tickMs: number;
  /** One operation. */
  readonly operationMs: number;
  /** Without a word of the agent: it, or its kernel, hangs. */
  readonly silenceMs: number;
  /** From the start to the first word. */
  readonly startMs: number;
}

interface Pending {
  readonly encoded: Uint8Array;
  readonly operations: number;
  readonly mostBytes: number;
  resolve(result: ProgramResult): void;
  reject(error: Error): void;
}

const BATCH_HEADER_BYTES = 24;
const BATCH_BYTES = 0x40_0000;
/** What one batch may come to at most: a mailbox has room for two such. */
const BATCH_RESULT_BYTES = 0x200_0000;
/** So many agents may be lost in a row without having begun a program. */
const FRUITLESS = 2;

/**
 * Steers an agent: batches out, results in, in order. One that goes down is the result of the
 * program that was under way; a fresh one takes the rest.
 */
export class AgentClient {
  private readonly connect: Connect;
  private readonly patience: Patience;
  private connection: Connection | undefined;
  /** Accepted and not yet sent; sent and not yet answered. */
  private waiting: Pending[] = [];
  private sent: Pending[] = [];
  /** Programs of the present batch that have begun; batches that were sent. */
  private begun = 0;
  private hello: { resolve(text: string): void; reject(error: Error): void } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly batches: number[] = [];
  private closed = false;
  /** Agents in a row that were lost before any program began. */
  private fruitless = 0;
  /** Fresh agents that were needed. */
  restarts = 0;

  constructor(connect: Connect, patience: Patience) {
    this.connect = connect;
    this.patience = patience;
  }

  /** Starts the agent; its first words. @throws CannotRun if it does not speak */
  async start(): Promise<string> {
    const connection = await this.connect();
    this.connection = connection;
    this.begun = 0;
    const said = new Promise<string>((resolve, reject) => (this.hello = { resolve, reject }));
    connection.onFrame = (frame) => this.take(frame, connection);
    connection.onEnd = (why) => void this.lose(connection, why);
    this.watch(this.patience.startMs);
    return said;
  }

  /** Runs programs. @throws RangeError for one that cannot be */
  run(programs: readonly Program[]): Promise<ProgramResult[]> {
    if (this.closed) throw new RangeError("the target is closed");
    const encoded = programs.map((program) => encodeProgram(program));
    const results = programs.map(
      (program, i) =>
        new Promise<ProgramResult>((resolve, reject) => {
          this.waiting.push({
            encoded: encoded[i],
            operations: program.operations.length,
            mostBytes: mostResultBytes(program),
            resolve,
            reject,
          });
        }),
    );
    this.sendWaiting();
    return Promise.all(results);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    // What it still says is of no interest, and must not start the clock again.
    const { connection } = this;
    this.connection = undefined;
    await connection?.close();
  }

  /** Two batches are under way at most: while one is answered, the next lies ready. */
  private sendWaiting(): void {
    while (this.connection !== undefined && this.waiting.length > 0 && this.batches.length < 2) {
      const batch: Pending[] = [];
      let bytes = BATCH_HEADER_BYTES;
      let resultBytes = 0;
      for (const pending of this.waiting) {
        resultBytes += pending.mostBytes;
        const isFull =
          bytes + pending.encoded.length > BATCH_BYTES || resultBytes > BATCH_RESULT_BYTES;
        if (batch.length > 0 && isFull) break;
        batch.push(pending);
        bytes += pending.encoded.length;
      }
      this.waiting.splice(0, batch.length);
      this.sent.push(...batch);
      this.batches.push(batch.length);
      this.connection.send(FRAME.batch, this.batchBytes(batch, bytes));
      this.watch(this.patience.silenceMs);
    }
  }

  private batchBytes(batch: readonly Pending[], length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    const { tickMs, operationMs } = this.patience;
    for (const [i, word] of [batch.length, tickMs, operationMs, 0, 1, 0].entries()) {
      view.setUint32(i * 4, word, true);
    }
    let at = BATCH_HEADER_BYTES;
    for (const { encoded } of batch) {
      bytes.set(encoded, at);
      at += encoded.length;
    }
    return bytes;
  }

  private take(frame: Frame, connection: Connection): void {
    if (connection !== this.connection) return;
    switch (frame.kind) {
      case FRAME.hello:
        this.hello?.resolve(Buffer.from(frame.bytes).toString("latin1"));
        this.hello = undefined;
        this.watch(undefined);
        this.sendWaiting();
        return;
      case FRAME.progress:
        this.begun++;
        this.fruitless = 0;
        this.watch(this.patience.silenceMs);
        return;
      case FRAME.results:
        this.takeResults(frame);
        return;
      case FRAME.trouble:
        void this.lose(connection, Buffer.from(frame.bytes).toString("latin1"));
        return;
      default:
        void this.lose(connection, `a frame of the unknown kind ${frame.kind}`);
    }
  }

  private takeResults(frame: Frame): void {
    for (const result of decodeResults(frame.bytes)) {
      const pending = this.sent.shift();
      if (pending === undefined) throw new RangeError("the agent told more results than asked for");
      this.begun--;
      if (--this.batches[0] === 0) this.batches.shift();
      pending.resolve(result);
    }
    this.watch(this.sent.length > 0 ? this.patience.silenceMs : undefined);
    this.sendWaiting();
  }

  private watch(milliseconds: number | undefined): void {
    clearTimeout(this.timer);
    const { connection } = this;
    if (milliseconds === undefined || connection === undefined) return;
    this.timer = setTimeout(
      () => void this.lose(connection, `no answer for ${milliseconds / 1000} s`),
      milliseconds,
    );
  }

  /** The agent is gone. What was under way gets that as its result; the others are asked again. */
  private async lose(connection: Connection, why: string): Promise<void> {
    if (connection !== this.connection) return;
    this.connection = undefined;
    clearTimeout(this.timer);
    const console = [connection.console(), why].filter((text) => text !== "").join("\n");
    await connection.close();
    if (this.hello !== undefined) {
      this.failAll(new CannotRun(`the agent did not start: ${lastLine(console)}`));
      return;
    }
    const fallen = this.begun > 0 ? this.sent.splice(this.begun - 1, 1)[0] : undefined;
    this.waiting.unshift(...this.sent);
    this.sent = [];
    this.batches.length = 0;
    fallen?.resolve(crashed(fallen.operations, console));
    if (this.closed) return;
    if (fallen === undefined && ++this.fruitless > FRUITLESS) {
      this.failAll(new CannotRun(`the agent goes down by itself: ${lastLine(console)}`));
      return;
    }
    this.restarts++;
    await this.start().catch((error: unknown) => this.failAll(error as Error));
  }

  private failAll(error: Error): void {
    this.hello?.reject(error);
    this.hello = undefined;
    for (const { reject } of [...this.sent, ...this.waiting]) reject(error);
    this.sent = [];
    this.waiting = [];
  }
}

function crashed(operations: number, console: string): ProgramResult {
  return {
    end: "crashed",
    operations: Array.from({ length: operations }, () => NOT_REACHED),
    pids: [],
    console,
  };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() ?? "it said nothing";
}
