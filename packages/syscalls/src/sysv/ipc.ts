import { IPC_64, IPC_CALL, Reasons, SHMID_COMPAT, SHMID_OLD } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { putInt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { attach } from "./shmat.ts";
import { controlSegment } from "./shmctl.ts";
import { detach, reasons as ofDetaching } from "./shmdt.ts";
import { getSegment } from "./shmget.ts";

const entries = {
  "ipc/version": {
    errno: "EINVAL",
    text: "SHMAT of version 1 is for the kernel's own callers",
    linux: "ipc/syscall.c compat_ksys_ipc",
    since: "2.6",
    remedy: "pass version 0",
    compares: ["version"],
  },
  "ipc/not-modelled": {
    errno: "ENOSYS",
    text: "ipc does not know the call, or it is one of semaphores or messages, which are not modelled",
    linux: "ipc/syscall.c compat_ksys_ipc",
    since: "2.6",
    remedy: "pass SHMAT, SHMDT, SHMGET or SHMCTL",
    compares: ["call"],
  },
} as const;

/** The reasons of i386's ipc. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * i386's ipc(2): System V calls through one gate; since 5.1 each has its own too. Linux:
 * ipc/syscall.c compat_ksys_ipc
 */
export const ipc: SystemCall = {
  name: "ipc",
  parameters: [
    parameter("call", { names: IPC_CALL }),
    parameter("first", "int"),
    parameter("second", "uint"),
    parameter("third", "uint"),
    parameter("ptr", "address"),
    parameter("fifth", "uint"),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const call = registers.low(0) & 0xffff;
    const version = registers.low(0) >>> 16;
    switch (call) {
      case IPC_CALL.SHMAT:
        if (version === 1) return reasons.refuse(checks, "ipc/version", version);
        return attachFor(task, registers);
      case IPC_CALL.SHMDT: {
        const { pageShift } = task.machine.memory;
        const offset = registers.offset(4, pageShift);
        if (offset === 0) return detach(task, registers.page(4, pageShift));
        return ofDetaching.refuse(checks, "shmdt/unaligned", offset);
      }
      case IPC_CALL.SHMGET:
        return getSegment(task, {
          key: registers.int(1),
          sizeBytes: BigInt(registers.low(2)),
          flags: registers.low(3),
        });
      case IPC_CALL.SHMCTL: {
        const isNewer = (registers.low(2) & IPC_64) !== 0;
        return controlSegment(task, registers, {
          id: registers.int(1),
          command: registers.int(2) & ~IPC_64,
          pointer: 4,
          layout: isNewer ? SHMID_COMPAT : SHMID_OLD,
        });
      }
      default:
        return reasons.refuse(checks, "ipc/not-modelled", call);
    }
  },
};

/** SHMAT: the address comes back where the third argument points to. */
function attachFor(task: Task, registers: Registers): Outcome {
  const { pageShift } = task.machine.memory;
  const attached = attach(task, {
    id: registers.int(1),
    page: registers.page(4, pageShift),
    offset: registers.offset(4, pageShift),
    isPlaced: !registers.isZero(4),
    flags: registers.low(2),
  });
  if (!attached.ok) return attached;
  return putInt(task, registers, 3, attached.value) ?? { ok: true, value: 0 };
}
