import type { CallEvent } from "@kadvise/strace";
import { hasFlag } from "./flagArgument.ts";
import type { Judgement } from "./verdict.ts";

/**
 * Processes whose children are to have another time namespace. Until 6.1 who shares their memory or
 * their thread group cannot: clone ends with EINVAL. Which later kernel lets it, nobody here asked.
 * Linux: kernel/fork.c copy_process, 6.12 without
 */
export class TimeNamespaces {
  private readonly left: Set<number> = new Set();

  /** Notes a process that leaves its own for its children. */
  note(event: CallEvent, pid: number): void {
    const { name, result } = event;
    const leaves = name === "setns" || (name === "unshare" && hasFlag(event, "CLONE_NEWTIME"));
    if (leaves && result.error === undefined) this.left.add(pid);
  }

  /** What to say of a clone that the model lets through. */
  excuse(judgement: Judgement, event: CallEvent, pid: number): Judgement {
    const isRefused = event.name.startsWith("clone") && event.result.error === "EINVAL";
    if (judgement.verdict !== "deviation" || !isRefused || !this.left.has(pid)) return judgement;
    if (!hasFlag(event, "CLONE_VM") && !hasFlag(event, "CLONE_THREAD")) return judgement;
    return {
      verdict: "undetermined",
      allowed: judgement.allowed,
      reason: {
        id: "judge/time-namespace",
        text: "not known: whether memory may be shared across time namespaces",
      },
      needs: ["clone/time-namespace"],
    };
  }
}
