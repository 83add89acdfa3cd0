import { Unknown } from "@kadvise/ports";
import {
  neverReturns,
  type DecodedOutcome,
  type Outcome,
  type SystemCall,
} from "@kadvise/syscalls";
import { structureMatches } from "../notation/structures.ts";
import type { OpenFact, OpenNumber } from "./judgeChoices.ts";
import type { Observed } from "./observed.ts";
import type { World } from "./world.ts";

/** One way in which one call can have gone in one world. */
export interface Branch {
  readonly world: World;
  readonly script: readonly number[];
  /** What the model answers; absent where it would have to know what nobody can. */
  readonly outcome: Outcome | undefined;
  readonly unknown: Unknown | undefined;
  /** `ok`, an error's name, `interrupted`, `?`. */
  readonly kind: string;
  readonly openNumbers: readonly OpenNumber[];
  readonly openFacts: readonly OpenFact[];
  /** Whether this is what the log shows, outputs included. */
  readonly matches: boolean;
}

/** How many ways a call is tried in one world before it counts as unknowable. */
const MOST_BRANCHES = 64;

/** What is run: the call in a world. */
export type Run = (world: World) => DecodedOutcome;

/** The ways in which a call can go in a world. */
export interface Explored {
  readonly branches: readonly Branch[];
  /**
   * Where the call can go one way only, and the log shows that it went there, it is not taken back
   * yet: the journal's mark.
   */
  readonly mark?: number;
}

/** Every way in which a call can go in a world. Each is taken back; {@link commit} takes one. */
export function explore(
  world: World,
  run: Run,
  call: SystemCall | undefined,
  observed: Observed,
): readonly Branch[] {
  const { branches, mark } = exploreOnce(world, run, call, observed);
  if (mark !== undefined) world.kernel.ports.journal.undo(mark);
  return branches;
}

/** The same, for who expects that a call will have gone the only way that it can. */
export function exploreOnce(
  world: World,
  run: Run,
  call: SystemCall | undefined,
  observed: Observed,
): Explored {
  const { journal } = world.kernel.ports;
  const mark = journal.begin();
  const first = runBranch(world, run, call, observed, NO_ANSWERS);
  if (first.matches && first.openFacts.length === 0) return { branches: [first], mark };
  journal.undo(mark);
  const branches = [first];
  let script = nextScript(NO_ANSWERS, first.openFacts);
  while (script !== undefined) {
    const again = journal.begin();
    const branch = runBranch(world, run, call, observed, script);
    journal.undo(again);
    branches.push(branch);
    if (branches.length >= MOST_BRANCHES) {
      const unknown = new Unknown("judge/too-many-ways", "too many facts that the call reads");
      return { branches: [{ ...branch, unknown, kind: "unknown", matches: false }] };
    }
    script = nextScript(script, branch.openFacts);
  }
  return { branches };
}

const NO_ANSWERS: readonly number[] = [];

/** Lets a branch have happened. */
export function commit(
  branch: Branch,
  run: Run,
  call: SystemCall | undefined,
  observed: Observed,
  world: World = branch.world,
): void {
  runBranch(world, run, call, observed, branch.script);
}

function runBranch(
  world: World,
  run: Run,
  call: SystemCall | undefined,
  observed: Observed,
  script: readonly number[],
): Branch {
  const { choices } = world;
  choices.begin(observed, script);
  let result: DecodedOutcome;
  try {
    result = run(world);
  } catch (unknown) {
    if (!(unknown instanceof Unknown)) throw unknown;
    const { openNumbers, openFacts } = choices;
    const kind = "unknown";
    const outcome = undefined;
    return { world, script, outcome, unknown, kind, openNumbers, openFacts, matches: false };
  }
  const { openNumbers, openFacts } = choices;
  const { outcome } = result;
  const kind = kindOf(outcome);
  const matches =
    agree(outcome, kind, observed, openNumbers) && outputsAgree(call, result, observed);
  return { world, script, outcome, unknown: undefined, kind, openNumbers, openFacts, matches };
}

/** A call that a signal ends is one outcome, whether it starts again or not. */
const INTERRUPTIONS: ReadonlySet<string> = new Set([
  ...["ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK", "EINTR"],
]);

/** The outcome's class. */
export function kindOf(outcome: Outcome): string {
  if (!outcome.ok) return INTERRUPTIONS.has(outcome.code) ? "interrupted" : outcome.code;
  return neverReturns(outcome) ? "?" : "ok";
}

function agree(
  outcome: Outcome,
  kind: string,
  observed: Observed,
  openNumbers: readonly OpenNumber[],
): boolean {
  if (observed.isUntold === true) return true;
  if (observed.error !== undefined) {
    if (outcome.ok) return false;
    // Who asks the program itself sees EINTR where a tracer sees that the call would start again.
    return (
      outcome.code === observed.error || (observed.error === "EINTR" && kind === "interrupted")
    );
  }
  if (openNumbers.some(({ allowed }) => allowed === false)) return false;
  if (observed.value === undefined) return kind === "?";
  if (!outcome.ok || kind !== "ok") return false;
  // Linux' numbers are whole, and those of the model are exact where they are numbers.
  if (typeof observed.value === "number") return outcome.value === observed.value;
  return BigInt(Math.trunc(outcome.value)) === observed.value;
}

function outputsAgree(
  call: SystemCall | undefined,
  result: DecodedOutcome,
  observed: Observed,
): boolean {
  if (call === undefined || !result.outcome.ok) return true;
  return call.parameters.every((parameter, i) => {
    const shown = observed.shown[i];
    const bytes = result.outputs[i];
    const { kind } = parameter;
    if (
      shown === undefined ||
      bytes === undefined ||
      typeof kind !== "object" ||
      !("structure" in kind)
    )
      return true;
    if (kind.direction === "in") return true;
    return structureMatches(kind.structure, bytes, shown) ?? true;
  });
}

/**
 * The next script in the order of counting: the last question that has another alternative takes
 * it.
 */
function nextScript(script: readonly number[], facts: readonly OpenFact[]): number[] | undefined {
  const next = facts.map((_, i) => script[i] ?? 0);
  for (let i = next.length - 1; i >= 0; i--) {
    if (next[i] + 1 < facts[i].alternatives) {
      next[i]++;
      return next.slice(0, i + 1);
    }
  }
  return undefined;
}
