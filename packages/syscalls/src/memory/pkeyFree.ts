import { freeKey } from "@kadvise/mm-core";
import { Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { hasKey } from "./pkeyMprotect.ts";

const entries = {
  "pkey_free/not-taken": {
    errno: "EINVAL",
    text: "the protection key is not taken, or is the kernel's own for execution alone",
    linux: "arch/x86/include/asm/pkeys.h mm_pkey_free",
    since: "4.9",
    remedy: "pass a key that pkey_alloc gave",
    compares: ["pkey"],
  },
} as const;

/** pkey_free's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** pkey_free(2): areas that have the key keep it. Linux: mm/mprotect.c pkey_free */
export const pkeyFree: SystemCall = {
  name: "pkey_free",
  parameters: [parameter("pkey", "int")],
  run(task, registers) {
    const key = registers.int(0);
    if (!hasKey(task, key))
      return reasons.refuse(task.machine.ports.checks, "pkey_free/not-taken", key);
    freeKey(task.space, key);
    return success(0);
  },
};
