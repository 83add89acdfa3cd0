import type { CallEvent } from "@kadvise/strace";
import { hasFlag } from "./flagArgument.ts";
import type { Judgement } from "./verdict.ts";

/**
 * Processes that joined namespaces of which a log does not tell the kind: one of time, maybe, that
 * their children alone are in. Up to 6.1 who shares their memory or their thread group cannot: clone
 * ends with EINVAL. Linux: kernel/fork.c copy_process
 */
export class TimeNamespaces {
  private readonly left: Set<number> = new Set();

  /** Notes a process that joins a namespace. */
  note({ name, result }: CallEvent, pid: number): void {
    if (name === "setns" && result.error === undefined) this.left.add(pid);
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
