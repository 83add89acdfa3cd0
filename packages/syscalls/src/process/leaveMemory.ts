import type { AddressSpace } from "@kadvise/mm-core";
import { exitSubject } from "@kadvise/security";
import type { Task } from "../task.ts";

/**
 * A task gives its memory and descriptors up on the way out. Linux: kernel/exit.c exit_mm,
 * exit_files
 *
 * Whether it was dumpable is remembered for whoever asks about the dead.
 */
export function leaveMemory(task: Task): void {
  const { mm, machine, files } = task;
  exitSubject(machine.access, task.subject);
  task.setMemory(undefined);
  if (mm !== undefined) dropUser(mm);
  machine.ports.journal.save(files, "users");
  files.users--;
}

/**
 * One task fewer uses an address space; the last one takes everything with it. Linux: kernel/fork.c
 * mmput
 */
export function dropUser(mm: AddressSpace): void {
  mm.memory.ports.journal.save(mm, "users");
  mm.users--;
  if (mm.users === 0) mm.tearDown();
}
