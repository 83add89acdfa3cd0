import { agreedCredentials, type Credentials, type ExecState } from "@kadvise/security";
import type { Task } from "@kadvise/syscalls";
import type { World } from "./world.ts";

/**
 * Leaves worlds that differ in facts about who somebody is only what they all take for granted of
 * it: what differs becomes unknown again, what they agree on stays.
 */
export function keepCommonFacts(worlds: readonly World[]): void {
  const [first] = worlds;
  if (first === undefined) return;
  const others = worlds.slice(1).map(tasksOf);
  // Who inherited credentials, or shares memory, shares what becomes known of them.
  const agreed = new Map<Credentials, readonly (Credentials | undefined)[]>();
  const cells = new Set<ExecState>();
  for (const task of first.tasks()) {
    const versions = [task, ...others.map((tasks) => tasks.get(task.pid.number))];
    if (versions.some((version) => version === undefined)) continue;
    const everywhere = versions as readonly Task[];
    const { credentials, exec } = task.subject;
    const own = agreed.get(credentials) ?? agreeOn(everywhere);
    agreed.set(credentials, own);
    for (const [i, { subject, machine }] of everywhere.entries()) {
      const common = own[i];
      if (common === undefined) continue;
      machine.ports.journal.save(subject, "credentials");
      subject.credentials = common;
    }
    if (cells.has(exec)) continue;
    cells.add(exec);
    if (everywhere.every(({ subject }) => subject.exec.dumpable === exec.dumpable)) continue;
    for (const { subject, machine } of everywhere) {
      machine.ports.journal.save(subject.exec, "dumpable");
      subject.exec.dumpable = "unknown";
    }
  }
  const answers = first.choices.memory.common(worlds.slice(1).map(({ choices }) => choices.memory));
  for (const { choices } of worlds) choices.memory.replace(answers);
}

/** One object for each world: an answer that comes later fills a gap in that world alone. */
function agreeOn(versions: readonly Task[]): readonly (Credentials | undefined)[] {
  const all = versions.map(({ subject }) => subject.credentials);
  return all.map(() => agreedCredentials(all));
}

function tasksOf(world: World): ReadonlyMap<number, Task> {
  return new Map(world.tasks().map((task) => [task.pid.number, task]));
}
