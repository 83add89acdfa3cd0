import type { ExecFacts } from "../record/logFacts.ts";
import { stateExec } from "../record/stateExec.ts";
import type { Worlds } from "./worlds.ts";

/** Somebody looked at the process while its execve held it. */
export function stateSeen(worlds: Worlds, facts: ExecFacts): void {
  worlds.everyTask(facts.pid, (task) => {
    if (task.mm !== undefined) stateExec(task, facts);
  });
}
