import type { Program } from "../program/program.ts";

/** One thing that is done on the model and on a kernel, and how often it is done in one run. */
export interface Load {
  readonly id: string;
  readonly text: string;
  /** Of what a figure is the cost: nanoseconds for one of these. */
  readonly unit: string;
  readonly units: number;
  /** How many times longer the kernel is to take than the model. */
  readonly least: number;
  readonly needsSwap?: boolean;
  /** What counts is how long the timed operations take together. */
  readonly program: Program;
}
