import type { Refusal } from "@kadvise/uapi";
import type { ProcessTable } from "./processTable.ts";
import { reasons } from "./reasons.ts";
import type { ThreadGroup } from "./threadGroup.ts";

const SIGCHLD = 17;

/** Which children a wait is for. */
export interface WaitFor<T> {
  /** The number asked for; undefined for any child. */
  readonly number?: number;
  /** The process asked for, where it was named by a pidfd. */
  readonly group?: ThreadGroup<T> | undefined;
  /** `__WALL`: children of every kind; `__WCLONE`: only those with another exit signal than SIGCHLD. */
  readonly kinds?: "all" | "clone" | "plain";
}

/**
 * The child that a wait finds: a zombie that may be taken, `"none-ready"` while the eligible ones still live, or a
 * refusal where there is none.
 *
 * Linux: kernel/exit.c do_wait, eligible_child
 */
export function findZombie<T>(
  table: ProcessTable<T>,
  parent: ThreadGroup<T>,
  which: WaitFor<T>,
): ThreadGroup<T> | "none-ready" | Refusal {
  const eligible = parent.children.filter((child) => isEligible(child, which));
  const zombie = eligible.find((child) => child.state === "zombie");
  if (zombie !== undefined) return zombie;
  if (eligible.length > 0) return "none-ready";
  const asked = which.group?.pid.number ?? which.number ?? -1;
  if (parent.childrenUnstated && hasUnstatedChild(table, parent, asked)) return "none-ready";
  return reasons.refuse(table.ports.checks, "wait/no-child", asked);
}

function isEligible<T>(child: ThreadGroup<T>, which: WaitFor<T>): boolean {
  if (which.group !== undefined && child !== which.group) return false;
  if (which.number !== undefined && child.pid.number !== which.number) return false;
  if (which.kinds === "all") return true;
  return (child.exitSignal !== SIGCHLD) === (which.kinds === "clone");
}

/** A process that ran before anybody watched may have children; who reads that, learns it. */
function hasUnstatedChild<T>(
  table: ProcessTable<T>,
  parent: ThreadGroup<T>,
  asked: number,
): boolean {
  const has = table.ports.choices.choose<boolean>({
    id: "wait/unstated-children",
    usual: false,
    allows: () => true,
    describe: () =>
      `whether process ${parent.pid.number} had ${asked > 0 ? `a child ${asked}` : "children"} before`,
    alternatives: [false, true],
  });
  if (!has && asked <= 0) {
    table.ports.journal.save(parent, "childrenUnstated");
    parent.childrenUnstated = false;
  }
  return has;
}
