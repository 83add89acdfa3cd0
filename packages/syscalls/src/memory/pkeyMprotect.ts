import { isKey, NO_KEY } from "@kadvise/mm-core";
import { PROT, Reasons } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { protectRange } from "./mprotect.ts";

const entries = {
  "pkey_mprotect/not-taken": {
    errno: "EINVAL",
    text: "the protection key is not taken, or is the kernel's own for execution alone",
    passes: "the protection key is taken",
    linux: "mm/mprotect.c do_mprotect_pkey, mm_pkey_is_allocated",
    since: "4.9",
    remedy: "pass a key that pkey_alloc gave, 0 for the usual one, or -1 to keep each area's",
    compares: ["pkey"],
  },
} as const;

/** pkey_mprotect's own reasons; the others are mprotect's. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * pkey_mprotect(2): protects a range and gives it a protection key; -1 does as mprotect. A key that
 * is none is told of when the range is found sound, and before it is looked at. Linux:
 * mm/mprotect.c do_mprotect_pkey
 */
export const pkeyMprotect: SystemCall = {
  name: "pkey_mprotect",
  parameters: [
    parameter("addr", "address"),
    parameter("len", "size"),
    parameter("prot", { flags: PROT }),
    parameter("pkey", "int"),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const key = registers.int(3);
    return protectRange(task, registers, key, () => {
      if (key !== NO_KEY && !hasKey(task, key))
        return reasons.refuse(checks, "pkey_mprotect/not-taken", key);
      reasons.passed(checks, "pkey_mprotect/not-taken", key);
      return undefined;
    });
  },
};

/** Without protection keys not even key 0 is one. */
export function hasKey(task: Task, key: number): boolean {
  return task.machine.memory.settings.get("protectionKeys") && isKey(task.space, key);
}
