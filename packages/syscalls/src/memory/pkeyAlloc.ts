import { allocateKey, loseKey } from "@kadvise/mm-core";
import { PKEY, Reasons, success } from "@kadvise/uapi";
import { setKeyRights } from "../actor.ts";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

const entries = {
  "pkey_alloc/flags": {
    errno: "EINVAL",
    text: "pkey_alloc knows no flags",
    passes: "no flags are given",
    linux: "mm/mprotect.c pkey_alloc",
    since: "4.9",
    remedy: "pass 0 for the flags",
    compares: ["flags"],
  },
  "pkey_alloc/rights": {
    errno: "EINVAL",
    text: "the rights are PKEY_DISABLE_ACCESS, PKEY_DISABLE_WRITE, both or none",
    passes: "the rights are known",
    linux: "mm/mprotect.c pkey_alloc",
    since: "4.9",
    remedy: "pass PKEY_DISABLE_* bits",
    compares: ["rights"],
  },
  "pkey_alloc/all-taken": {
    errno: "ENOSPC",
    text: "all protection keys of the address space are taken",
    passes: "a protection key is free",
    linux: "arch/x86/include/asm/pkeys.h mm_pkey_alloc",
    since: "4.9",
    remedy: "give one back with pkey_free",
  },
  "pkey_alloc/unsupported": {
    errno: "EINVAL",
    text: "the processor has no protection keys",
    linux: "arch/x86/kernel/fpu/xstate.c arch_set_user_pkey_access",
    since: "4.9",
    remedy: "do without: there is nothing to switch on",
  },
} as const;

/** pkey_alloc's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * pkey_alloc(2): takes the lowest free protection key of the address space, and sets what the
 * calling thread may do with what has it. Linux: mm/mprotect.c pkey_alloc
 */
export const pkeyAlloc: SystemCall = {
  name: "pkey_alloc",
  parameters: [parameter("flags", "ulong"), parameter("access_rights", { flags: PKEY })],
  run(task, registers) {
    const { checks } = task.machine.ports;
    if (!registers.isZero(0)) return reasons.refuse(checks, "pkey_alloc/flags", registers.hex(0));
    reasons.passed(checks, "pkey_alloc/flags", "0x0");
    const rights = registers.low(1);
    const known = PKEY.PKEY_DISABLE_ACCESS | PKEY.PKEY_DISABLE_WRITE;
    if (registers.high(1) !== 0 || (rights & ~known) !== 0)
      return reasons.refuse(checks, "pkey_alloc/rights", registers.hex(1));
    reasons.passed(checks, "pkey_alloc/rights", registers.hex(1));
    if (!task.machine.memory.settings.get("protectionKeys"))
      return reasons.refuse(
        checks,
        loseKey(task.space) ? "pkey_alloc/unsupported" : "pkey_alloc/all-taken",
      );
    const key = allocateKey(task.space);
    if (key < 0) return reasons.refuse(checks, "pkey_alloc/all-taken");
    reasons.passed(checks, "pkey_alloc/all-taken");
    setKeyRights(task, key, rights);
    return success(key);
  },
};
