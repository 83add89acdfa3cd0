import type { ProcessTable } from "./processTable.ts";
import type { ThreadGroup } from "./threadGroup.ts";
import type { WaitFor } from "./wait.ts";

/** A child from before anybody watched that has ended: its number is all that is known of it. */
export interface EarlierChild {
  readonly earlier: number;
}

/** Whether there is another child, from before: none, one that lives, or one that has ended. */
type Earlier = "none" | "living" | "ended";

/**
 * A process that ran before anybody watched may have children; what a wait of it returns tells.
 * `eligible` are those that are known. Undefined where nobody from before can be meant.
 */
export function askForEarlier<T>(
  table: ProcessTable<T>,
  parent: ThreadGroup<T>,
  which: WaitFor<T>,
  eligible: readonly ThreadGroup<T>[],
): EarlierChild | "none" | "living" | undefined {
  if (!parent.childrenUnstated) return undefined;
  const alternatives = possible(table, which, eligible.length > 0);
  if (alternatives === NONE) return "none";
  const { choices, journal } = table.ports;
  const whom = which.number === undefined ? "children" : `a child ${which.number}`;
  const answer = choices.choose<Earlier>({
    id: "wait/unstated-children",
    usual: "none",
    allows: (earlier) => alternatives.includes(earlier),
    describe: () => `whether process ${parent.pid.number} had ${whom} before`,
    alternatives,
  });
  if (answer === "ended") return { earlier: which.number ?? numberOfEarlier(table, which) };
  if (answer === "none" && eligible.length === 0 && meansAll(which)) {
    journal.save(parent, "childrenUnstated");
    parent.childrenUnstated = false;
  }
  return answer;
}

function possible<T>(
  table: ProcessTable<T>,
  { number, group, exited }: WaitFor<T>,
  hasEligible: boolean,
): readonly Earlier[] {
  const isNamed = number !== undefined || group !== undefined;
  if (isNamed && hasEligible) return NONE;
  const named = group ?? (number === undefined ? undefined : table.find(number)?.group);
  // Whose making was seen is the child of who made it.
  if (named?.parent !== undefined) return NONE;
  const mayHaveEnded = exited !== false && (named === undefined || mayBeGone(named));
  if (hasEligible) return mayHaveEnded ? BESIDE : NONE;
  return mayHaveEnded ? ANY : UNENDED;
}

const NONE: readonly Earlier[] = ["none"];
const BESIDE: readonly Earlier[] = ["none", "ended"];
const UNENDED: readonly Earlier[] = ["none", "living"];
const ANY: readonly Earlier[] = ["none", "living", "ended"];

function mayBeGone<T>({ state, isUnwatched }: ThreadGroup<T>): boolean {
  return state !== "alive" || isUnwatched;
}

/** Its number is anybody's who is not known to live, or to be another's child. */
function numberOfEarlier<T>(table: ProcessTable<T>, { shownIn }: WaitFor<T>): number {
  const isOpen = (number: number): boolean => {
    const group = table.find(number)?.group;
    return group === undefined || (group.parent === undefined && mayBeGone(group));
  };
  return table.ports.choices.choose<number>({
    id: "wait/earlier-child",
    usual: 0,
    allows: (number) => Number.isInteger(number) && number > 0 && isOpen(number),
    describe: () => "the number of a child from before",
    ...(shownIn ?? { fromResult: (value: number) => value }),
  });
}

/** Whether a wait that finds nobody speaks of every child. */
function meansAll<T>({ number, group, ...rest }: WaitFor<T>): boolean {
  const { ofGroup, processGroup, ofThread, kinds, exited } = rest;
  const isNamed = number !== undefined || group !== undefined;
  const isOfGroup = ofGroup !== undefined || processGroup !== undefined;
  return !isNamed && !isOfGroup && ofThread === undefined && kinds !== "clone" && exited !== false;
}
