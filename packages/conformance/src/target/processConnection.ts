import type { ChildProcess } from "node:child_process";
import { atExit } from "./atExit.ts";
import type { Connection } from "./connection.ts";
import { frameHeader, FrameReader, type Frame } from "./frames.ts";

/**
 * A line over a child process' standard input and output: the agent, or an emulator's serial line.
 */
export class ProcessConnection implements Connection {
  onFrame: (frame: Frame) => void = () => undefined;
  onEnd: (why: string) => void = () => undefined;
  protected readonly child: ChildProcess;
  private readonly reader = new FrameReader();
  private readonly gone: Promise<void>;
  private readonly callOff: () => void;
  private complaint = "";

  constructor(child: ChildProcess, name: string) {
    this.child = child;
    this.callOff = atExit(() => child.kill("SIGKILL"));
    child.stdin!.on("error", () => undefined);
    child.stdout!.on("data", (chunk: Uint8Array) => this.take(chunk));
    child.stderr?.on("data", (chunk: Buffer) => {
      this.complaint = (this.complaint + chunk.toString("latin1")).slice(-4096);
    });
    this.gone = new Promise((resolve) => {
      const end = (how: string): void => {
        resolve();
        this.onEnd(
          [this.complaint.trim(), `${name} ${how}`].filter((text) => text !== "").join("\n"),
        );
      };
      child.once("error", (error) => end(`cannot be started: ${error.message}`));
      child.once("exit", (code, signal) => end(`ended with ${signal ?? `status ${code ?? 0}`}`));
    });
  }

  send(kind: number, bytes: Uint8Array): void {
    this.child.stdin!.write(frameHeader(kind, bytes.length));
    this.child.stdin!.write(bytes);
  }

  console(): string {
    return "";
  }

  async close(): Promise<void> {
    this.onEnd = () => undefined;
    this.callOff();
    this.child.kill("SIGKILL");
    await this.gone;
  }

  /** The bytes of a frame that lie elsewhere. */
  protected fetch(frame: Frame): Frame {
    return frame;
  }

  private take(chunk: Uint8Array): void {
    try {
      for (const frame of this.reader.take(chunk)) this.onFrame(this.fetch(frame));
    } catch (error) {
      this.onEnd(error instanceof Error ? error.message : String(error));
    }
  }
}
