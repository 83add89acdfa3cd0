import { pageState, type PageState } from "@kadvise/mm-core";
import type { Settings } from "@kadvise/releases";
import type { Policy } from "@kadvise/security";
import { must, type Result } from "@kadvise/uapi";
import { Kernel, type Process, type SpawnOptions } from "../index.ts";

/** Bytes of a page. */
export const PAGE = 4096;
/** process_madvise's number, the same for x86-64 and i386. */
export const PROCESS_MADVISE = 440;

/** The proposal's text, its patch, the releases where its promises changed, and the newest. */
export const PROFILES = [
  "seed",
  "seed-code",
  "5.10.0",
  "5.10",
  "5.15",
  "6.1",
  "6.12",
  "6.13",
  "6.18",
  "7.3",
] as const;
export type ProfileName = (typeof PROFILES)[number];

/** What differs by release, written once for each: an answer by the profile's name. */
export type ByProfile<T> = { readonly [name in ProfileName]: T };

/** The same answer from a profile on: `{ seed: a, "6.13": b }` holds until the next one named. */
export function since<T>(answers: { readonly seed: T } & Partial<ByProfile<T>>): ByProfile<T> {
  let answer: T = answers.seed;
  const all: [ProfileName, T][] = PROFILES.map((name) => {
    const own: T | undefined = answers[name];
    if (own !== undefined) answer = own;
    return [name, answer];
  });
  return Object.fromEntries(all) as ByProfile<T>;
}

/** How a scene is set. */
export interface SceneOptions {
  readonly settings?: Partial<Settings>;
  readonly policies?: readonly Policy[];
  readonly manager?: SpawnOptions;
  readonly app?: SpawnOptions;
  /** Pages of either heap. */
  readonly pages?: number;
}

/** A manager and an app, both with a written heap, and the manager's pidfds of both. */
export interface Scene {
  readonly kernel: Kernel;
  readonly manager: Process;
  readonly app: Process;
  /** The heap of either: at the same address, followed by a hole. */
  readonly heap: bigint;
  readonly own: number;
  readonly other: number;
}

/** Two processes of root, or of whom the options say, on a kernel of a profile. */
export function scene(release: string, options: SceneOptions = {}): Scene {
  const { settings, policies, pages: count = 16 } = options;
  const kernel = new Kernel({
    release,
    ...(settings === undefined ? {} : { settings }),
    ...(policies === undefined ? {} : { policies }),
  });
  const manager = kernel.spawn({ name: "manager", ...options.manager });
  const app = kernel.spawn({ name: "app", ...options.app });
  const heap = must(manager.mmap({ length: count * PAGE }));
  must(app.mmap({ length: count * PAGE, address: heap }));
  for (const process of [manager, app]) must(process.touch(heap, count * PAGE));
  return {
    kernel,
    manager,
    app,
    heap,
    own: must(manager.pidfdOpen(manager.pid)),
    other: must(manager.pidfdOpen(app.pid)),
  };
}

/** The value of a result, or the name of its error. */
export function said<T>(result: Result<T>): T | string {
  return result.ok ? result.value : result.code;
}

/** The value of a result, or the id of the reason for which it was refused. */
export function why<T>(result: Result<T>): T | string {
  return result.ok ? result.value : result.reason.id;
}

const LETTERS: { readonly [state in PageState]: string } = {
  untouched: "-",
  zero: "z",
  used: "u",
  cold: "c",
  swapped: "s",
  guarded: "g",
};

/** The state of pages, a letter each: `u`sed, `c`old, `s`wapped, `z`ero, `-` never touched. */
export function pages(process: Process, address: bigint, count: number): string {
  const first = Number(address / BigInt(PAGE));
  return Array.from(
    { length: count },
    (_, i) => LETTERS[pageState(process.task.space, first + i)],
  ).join("");
}
