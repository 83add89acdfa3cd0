import { REASONS } from "@kadvise/kernel";
import { compareVersions, parseVersion, profile } from "@kadvise/releases";
import type { Counts } from "../fuzz/counts.ts";
import { CELLS, cellOf, ERRORS } from "./catalogue.ts";
import { KIND_SINCE, UNREACHABLE_ADVICE, UNREACHABLE_KINDS } from "./unreachableCells.ts";
import { UNREACHABLE_REASONS } from "./unreachableReasons.ts";

/** What campaigns saw on a real kernel. */
export interface SeenOnKernel {
  /** Which kernel the model was: `6.12.107`. */
  readonly model: string;
  readonly reasons: readonly string[];
  readonly cells: Counts;
  readonly errors: Counts;
}

/** What of one catalogue was seen; the rest is unreachable, not of this release, or to do. */
export interface Covered {
  readonly seen: readonly string[];
  readonly toDo: readonly string[];
  /** With the reason why no campaign can see it. */
  readonly unreachable: { readonly [name: string]: string };
  /** With the release that brings it. */
  readonly otherReleases: { readonly [name: string]: string };
}

/** How much of the specification was seen on real kernels. */
export interface Coverage {
  /** Reason ids. */
  readonly reasons: Covered;
  /** `MADV_COLD own locked`: advice, whose memory, kind of area. */
  readonly cells: Covered;
  /** `madvise EINVAL`: call and error. */
  readonly errors: Covered;
}

/** Why something cannot be seen on a kernel. */
type Obstacle = { readonly unreachable: string } | { readonly since: string };

/** What campaigns have seen of everything that there is, on one kernel or on several. */
export function coverageOf(campaigns: readonly SeenOnKernel[]): Coverage {
  const kernels = [...new Set(campaigns.map(({ model }) => model))];
  const advice = new Set(kernels.flatMap((kernel) => adviceOf(kernel)));
  const reasons = new Set(campaigns.flatMap((one) => one.reasons));
  const cells = new Set(campaigns.flatMap((one) => Object.keys(one.cells).map(cellOf)));
  const errors = new Set(campaigns.flatMap((one) => Object.keys(one.errors)));
  return {
    reasons: covered(Object.keys(REASONS), reasons, (id) => reasonObstacle(id, kernels)),
    cells: covered(CELLS, cells, (cell) => cellObstacle(cell, kernels, advice)),
    errors: covered([...ERRORS.keys()], errors, (error) => errorObstacle(error, kernels)),
  };
}

function covered(
  all: readonly string[],
  seen: ReadonlySet<string>,
  obstacleOf: (name: string) => Obstacle | undefined,
): Covered {
  const toDo: string[] = [];
  const unreachable: Record<string, string> = {};
  const otherReleases: Record<string, string> = {};
  for (const name of all) {
    if (seen.has(name)) continue;
    const obstacle = obstacleOf(name);
    if (obstacle === undefined) toDo.push(name);
    else if ("since" in obstacle) otherReleases[name] = obstacle.since;
    else unreachable[name] = obstacle.unreachable;
  }
  // What was seen and is in no catalogue counts too: a signal of an access, an error of any call.
  return { seen: [...seen].sort(), toDo: toDo.sort(), unreachable, otherReleases };
}

function reasonObstacle(id: string, kernels: readonly string[]): Obstacle | undefined {
  const why = UNREACHABLE_REASONS[id];
  if (why !== undefined) return { unreachable: why };
  const { since } = REASONS[id];
  return kernels.some((kernel) => has(kernel, since)) ? undefined : { since };
}

function cellObstacle(
  cell: string,
  kernels: readonly string[],
  known: ReadonlySet<string>,
): Obstacle | undefined {
  const [advice = "", whose = "", kind = ""] = cell.split(" ");
  const why = UNREACHABLE_ADVICE[`${advice} ${whose}`] ?? UNREACHABLE_KINDS[kind];
  if (why !== undefined) return { unreachable: why };
  if (!known.has(`${advice} ${whose}`)) return { since: "a release that has the advice" };
  const since = KIND_SINCE[kind];
  if (since === undefined || kernels.some((kernel) => has(kernel, since))) return undefined;
  return { since };
}

/** An error is as far away as the nearest of the reasons behind it. */
function errorObstacle(error: string, kernels: readonly string[]): Obstacle | undefined {
  const obstacles = (ERRORS.get(error) ?? []).map((id) => reasonObstacle(id, kernels));
  if (obstacles.includes(undefined)) return undefined;
  return obstacles.find((one) => one !== undefined && "since" in one) ?? obstacles[0];
}

function adviceOf(kernel: string): readonly string[] {
  const { mm, processMadvise } = profile(kernel, { assume: "all" });
  return [
    ...mm.advice.map((advice) => `${advice} own`),
    ...processMadvise.remoteAdvice.map((advice) => `${advice} remote`),
  ];
}

/** Whether a kernel is at least of a release; what the proposal has, all later ones have. */
function has(kernel: string, since: string): boolean {
  const [a, b] = [kernel, since].map((name) => parseVersion(name));
  if (a === undefined || b === undefined) return true;
  return compareVersions({ ...a, point: a.point ?? 0 }, { ...b, point: b.point ?? 0 }) >= 0;
}
