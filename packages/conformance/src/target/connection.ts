import type { Frame } from "./frames.ts";

/** A line to an agent: frames out, frames in, and the news that it is gone. */
export interface Connection {
  /** Sends a frame. */
  send(kind: number, bytes: Uint8Array): void;
  onFrame: (frame: Frame) => void;
  /** Called once, with what there is to say about it. */
  onEnd: (why: string) => void;
  /** What the machine behind it said on its console so far; empty for a child process. */
  console(): string;
  /** Ends it, at once. */
  close(): Promise<void>;
}

/** Makes a connection to a fresh agent. */
export type Connect = () => Promise<Connection>;
