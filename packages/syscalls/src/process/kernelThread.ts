import { FileTable } from "@kadvise/pidfd";
import { credentials, subject } from "@kadvise/security";
import { Limits } from "../limits.ts";
import type { Machine } from "../machine.ts";
import { Task, type OpenEntry } from "../task.ts";

/** The number of kthreadd, the parent of all kernel threads. Linux: init/main.c rest_init */
export const KTHREADD = 2;

/** A kernel thread: root with every capability, and no memory of its own. Linux: PF_KTHREAD */
export function spawnKernelThread(machine: Machine, number: number): void {
  machine.processes.spawn(
    (pid) =>
      new Task({
        machine,
        pid,
        name: "kthread",
        mm: undefined,
        files: new FileTable<OpenEntry>({ ports: machine.ports }),
        subject: subject({
          pid: number,
          credentials: credentials({ uid: 0 }),
          isKernelThread: true,
        }),
        limits: new Limits(machine.ports.journal),
      }),
    { number },
  );
}
