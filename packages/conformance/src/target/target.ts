import type { Settings } from "@kadvise/releases";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import type { StartState } from "./startState.ts";

/** What runs programs: the model, this machine's kernel, a kernel in an emulated machine. */
export interface Target {
  /** `model`, `host`, `qemu:6.12`. */
  readonly name: string;
  /** What it is; asked once, and remembered. */
  describe(): Promise<TargetFacts>;
  /**
   * Runs programs, each in processes of its own, and tells what came of each, in their order. A
   * kernel that goes down is the result of the program that was under way; the ones behind it run
   * on a new one.
   */
  run(programs: readonly Program[]): Promise<readonly ProgramResult[]>;
  close(): Promise<void>;
}

/** What a target says of itself: plain and JSON-safe. */
export interface TargetFacts {
  readonly name: string;
  /** uname -r and -v; empty for the model. */
  readonly release: string;
  readonly version: string;
  /** What `profile` takes for it: `6.18.44`. */
  readonly kernel: string;
  readonly abi: "x86-64" | "arm64";
  /** Whether actors can enter by the 32-bit gate. */
  readonly hasI386: boolean;
  readonly settings: Partial<Settings>;
  /** How the first actors begin, and how an actor is that has executed the agent. */
  readonly start: StartState;
  readonly executed: StartState;
  /** Paths of the agent's images, for `exec`: `plain`, and others with other modes. */
  readonly images: { readonly [kind: string]: string };
  /** Everything else that was read, by path or name. */
  readonly facts: { readonly [name: string]: string };
}
