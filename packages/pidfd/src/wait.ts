import type { Refusal } from "@kadvise/uapi";
import { askForEarlier, type EarlierChild } from "./earlierChildren.ts";
import type { Pid } from "./pid.ts";
import type { PidNamespace } from "./pidNamespace.ts";
import type { ProcessTable } from "./processTable.ts";
import { reasons } from "./reasons.ts";
import type { Thread } from "./thread.ts";
import type { ThreadGroup } from "./threadGroup.ts";

const SIGCHLD = 17;

/** Which children a wait is for. */
export interface WaitFor<T> {
  /** The number asked for; undefined for any child. */
  readonly number?: number;
  /** The namespace in which children are numbered; the initial one by default. */
  readonly namespace?: PidNamespace<T>;
  /** The process was named by a pidfd, and is gone. */
  readonly isGone?: boolean;
  /** The process asked for, where it was named by a pidfd. */
  readonly group?: ThreadGroup<T> | undefined;
  /** Only children of this process group are meant. */
  readonly processGroup?: Pid<T>;
  /**
   * Only children of some process group are meant, of which nobody knows who is in it: whether any
   * child is, is asked.
   */
  readonly ofGroup?: string;
  /** Where the call tells which child it found, if it does not return its number. */
  readonly shownIn?: {
    readonly output: string;
    fromOutput(bytes: Uint8Array): number;
  };
  /** Whether a dead child counts; a wait for stops alone passes zombies over. */
  readonly exited?: boolean;
  /** `__WNOTHREAD`: only children that this thread made, or that were left to it. */
  readonly ofThread?: Thread<T>;
  /**
   * `__WALL`: children of every kind; `__WCLONE`: only those with another exit signal than SIGCHLD.
   */
  readonly kinds?: "all" | "clone" | "plain";
}

/**
 * The child that a wait finds: a zombie that may be taken, one from before anybody watched,
 * `"none-ready"` while the eligible ones still live, or a refusal where there is none.
 *
 * Linux: kernel/exit.c do_wait, eligible_child
 */
export function findZombie<T>(
  table: ProcessTable<T>,
  parent: ThreadGroup<T>,
  which: WaitFor<T>,
): ThreadGroup<T> | EarlierChild | "none-ready" | Refusal {
  if (which.isGone === true) return reasons.refuse(table.ports.checks, "wait/no-child", 0);
  const children = parent.children.filter((child) => isEligible(child, which));
  const earlier = askForEarlier(table, parent, which, children);
  if (typeof earlier === "object") return earlier;
  const eligible = children.length > 0 && !isInGroup(table, which) ? [] : children;
  const zombies = eligible.filter((child) => child.state === "zombie");
  if (eligible.some(mayHaveEnded)) return whichEnded(table, parent, eligible, which);
  if (zombies.length > 0) return whichZombie(table, zombies, which);
  if (eligible.length > 0) return "none-ready";
  if (parent.mayHaveOrphans && which.exited !== false) askForOrphans(table, parent);
  if (earlier === "living") return "none-ready";
  return reasons.refuse(table.ports.checks, "wait/no-child", numberAsked(which));
}

/**
 * Linux takes the first in the order of birth that is dead when it looks; who died while it slept
 * may have come first.
 */
function whichZombie<T>(
  table: ProcessTable<T>,
  zombies: readonly ThreadGroup<T>[],
  which: WaitFor<T>,
): ThreadGroup<T> {
  const [first] = zombies;
  if (zombies.length === 1) return first;
  const numbers = zombies.map((zombie) => shownNumber(zombie, which));
  const number = table.ports.choices.choose<number>({
    id: "wait/which",
    usual: numbers[0],
    allows: (answer) => numbers.includes(answer),
    describe: () => `one of ${numbers.join(", ")}`,
    ...(which.shownIn ?? { fromResult: (value: number) => value }),
  });
  return zombies[numbers.indexOf(number)] ?? first;
}

/** The number that a wait names; -1 where it means several. */
export function numberAsked<T>(which: WaitFor<T>): number {
  return which.group === undefined ? (which.number ?? -1) : shownNumber(which.group, which);
}

/** A child's number as the caller has it. */
function shownNumber<T>({ pid }: ThreadGroup<T>, { namespace }: WaitFor<T>): number {
  return namespace === undefined ? pid.number : pid.numberIn(namespace);
}

/** Whether nobody saw if the child still lives. */
function mayHaveEnded<T>({ isUnwatched, state }: ThreadGroup<T>): boolean {
  return isUnwatched && state === "alive";
}

/** Among children that nobody watches, any may have ended, or none. */
function whichEnded<T>(
  table: ProcessTable<T>,
  parent: ThreadGroup<T>,
  eligible: readonly ThreadGroup<T>[],
  { shownIn, exited }: WaitFor<T>,
): ThreadGroup<T> | "none-ready" {
  const isDead = (child: ThreadGroup<T>): boolean => child.state === "zombie";
  const candidates = eligible.filter((child) => isDead(child) || mayHaveEnded(child));
  if (exited === false) return "none-ready";
  const numbers = candidates.map(({ pid }) => pid.number);
  if (!candidates.some(isDead)) numbers.push(0);
  const number = table.ports.choices.choose<number>({
    id: "wait/unwatched-child",
    usual: candidates.find(isDead)?.pid.number ?? 0,
    allows: (answer) => numbers.includes(answer),
    describe: () => `one of ${numbers.join(", ")}: the record does not follow the children`,
    // Children that leave no zombies may also be gone without a trace: nobody can say.
    ...(parent.ignoresChildren ? {} : (shownIn ?? { fromResult: (value: number) => value })),
  });
  return candidates.find(({ pid }) => pid.number === number) ?? "none-ready";
}

function isEligible<T>(child: ThreadGroup<T>, which: WaitFor<T>): boolean {
  if (which.exited === false && child.state !== "alive") return false;
  if (which.ofThread !== undefined && !isOf(child, which.ofThread)) return false;
  if (which.group !== undefined && child !== which.group) return false;
  if (which.number !== undefined && shownNumber(child, which) !== which.number) return false;
  if (which.processGroup !== undefined && child.processGroup !== which.processGroup) return false;
  if (which.kinds === "all") return true;
  return (child.exitSignal !== SIGCHLD) === (which.kinds === "clone");
}

/** A thread that ends leaves its children to the first one that lives. Linux: find_alive_thread */
function isOf<T>({ creator }: ThreadGroup<T>, thread: Thread<T>): boolean {
  if (creator === undefined || creator.alive) return creator === undefined || creator === thread;
  return thread.group.threads.find(({ alive }) => alive) === thread;
}

function isInGroup<T>(table: ProcessTable<T>, { ofGroup }: WaitFor<T>): boolean {
  if (ofGroup === undefined) return true;
  return table.ports.choices.choose<boolean>({
    id: "wait/process-group",
    usual: true,
    allows: () => true,
    describe: () => `whether the children are in ${ofGroup}`,
    alternatives: [true, false],
  });
}

/** Of orphans that may have fallen to it, which has ended, and how, is more than can be known. */
function askForOrphans<T>({ ports }: ProcessTable<T>, { pid }: ThreadGroup<T>): void {
  const { choices } = ports;
  const id = "wait/orphan";
  const found = choices.choose<boolean>({
    id,
    usual: false,
    allows: () => true,
    describe: () => `whether process ${pid.number} asked for orphans before, and one has ended`,
    alternatives: [false, true],
  });
  if (!found) return;
  choices.choose<never>({
    id,
    usual: undefined as never,
    allows: () => false,
    describe: () => `which orphan of process ${pid.number} has ended, and how`,
  });
}
