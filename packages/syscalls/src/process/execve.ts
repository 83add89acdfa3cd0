import { AddressSpace } from "@kadvise/mm-core";
import { execCredentials, type ExecFile } from "@kadvise/security";
import { Reasons, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { ownFiles } from "../descriptor/closeRange.ts";
import { parameter } from "../signature.ts";
import { INITIAL_KEY_RIGHTS, type Task } from "../task.ts";
import { dropUser } from "./leaveMemory.ts";

const entries = {
  "execve/no-such-program": {
    errno: "ENOENT",
    text: "no such program",
    linux: "fs/exec.c do_open_execat",
    since: "2.6",
    remedy: "pass the path of a program",
  },
} as const;

/** execve's own reasons; those about credentials are in the security package. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** A program without any privilege, owned by root and readable by everybody. */
export const PLAIN: ExecFile = { owner: 0, group: 0 };

/**
 * execve(2). Paths are not modelled: the program is a plain one unless the caller of {@link
 * execProgram} knows better.
 */
export const execve: SystemCall = {
  name: "execve",
  parameters: [
    parameter("pathname", "text"),
    parameter("argv", "pointer"),
    parameter("envp", "pointer"),
  ],
  run: (task) => execProgram(task, PLAIN),
};

/**
 * The program that a task runs is replaced: memory, close-on-exec descriptors and other threads go,
 * credentials follow the program's. Linux: fs/exec.c begin_new_exec
 */
export function execProgram(task: Task, file: ExecFile): Outcome {
  const { machine } = task;
  const result = execCredentials(machine.access, task.subject, file);
  if (!result.ok) return result;
  const { group } = task.thread;
  machine.ports.journal.save(group, "hasExecuted");
  group.hasExecuted = true;
  for (const other of group.threads) {
    if (other.payload !== task && other.alive && other.payload.mm !== undefined) {
      const { mm } = other.payload;
      other.payload.setMemory(undefined);
      dropUser(mm);
    }
  }
  machine.processes.becomeLeader(task.thread);
  takeNumber(task, group.pid);
  // Linux: fs/exec.c unshare_sighand
  machine.ports.journal.save(task, "handlers");
  task.handlers = { madeFor: group.pid.number };
  const old = task.mm;
  task.setMemory(freshMemory(task));
  // Linux: arch/x86/kernel/fpu/core.c fpu_flush_thread
  machine.ports.journal.save(task, "keyRights");
  task.keyRights = INITIAL_KEY_RIGHTS;
  // Linux: kernel/nsproxy.c exec_task_namespaces
  if (machine.profile.abi.execEntersTime && task.childrenLeaveTime) {
    machine.ports.journal.save(task, "childrenLeaveTime");
    task.childrenLeaveTime = false;
  }
  // PR_SET_MDWE outlives execve. Linux: include/linux/sched/coredump.h mmf_init_flags
  if (old?.denyWriteExec === true && !old.denyWriteExecAlone) task.space.denyWriteExec = true;
  // So do these. Linux: include/linux/mm_types.h MMF_INIT_LEGACY_MASK, mm/ksm.c ksm_execve
  task.space.hugeDisabled = old?.hugeDisabled ?? 0;
  task.space.mergeAny = old?.mergeAny ?? false;
  if (old !== undefined) dropUser(old);
  ownFiles(task);
  task.files.closeOnExec();
  return success(0);
}

/** Whichever thread executes, the process keeps its number. Linux: fs/exec.c de_thread */
function takeNumber(task: Task, pid: Task["pid"]): void {
  const { journal } = task.machine.ports;
  journal.save(task, "pid");
  task.pid = pid;
  journal.save(task.subject, "pid");
  task.subject.pid = pid.number;
}

/**
 * The memory of a fresh program. Of a recorded one nothing is known but that exec filled it; a
 * simulated one starts empty, with a heap above the place where a position-independent program
 * lies.
 */
export function freshMemory(task: { readonly machine: Task["machine"] }): AddressSpace {
  const { machine } = task;
  const mm = new AddressSpace({ memory: machine.memory });
  if (machine.recorded) {
    // Nothing that exec maps lies below vm.mmap_min_addr. Linux: security/commoncap.c cap_mmap_addr
    const lowest = Math.ceil(machine.profile.settings.mmapMinAddr / machine.memory.pageBytes);
    mm.veil.add(lowest, mm.layout.limit);
    mm.break = Number.NaN;
    mm.startBreak = Number.NaN;
    mm.touchedUnseen = true;
  } else {
    mm.break = SIMULATED_BREAK;
    mm.startBreak = SIMULATED_BREAK;
  }
  return mm;
}

/** Where the heap of a small position-independent program begins without address randomisation. */
const SIMULATED_BREAK = 0x5555_5555_9000;
