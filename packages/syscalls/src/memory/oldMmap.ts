import type { SystemCall } from "../call.ts";
import { copyIn, wordAt } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import { mmap } from "./mmap.ts";

/** Addr, len, prot, flags, fd and the offset in bytes. Linux: struct mmap_arg_struct32 */
const ARGUMENTS = 6;

/**
 * i386's first mmap, whose only register points to its six arguments. Linux:
 * arch/x86/kernel/sys_ia32.c ia32_mmap: EFAULT before anything is looked at.
 */
export const oldMmap: SystemCall = {
  name: "old_mmap",
  parameters: [parameter("arg", "pointer")],
  returns: "address",
  run(task, registers) {
    const bytes = copyIn(task, registers, 0, 4 * ARGUMENTS);
    if ("ok" in bytes) return bytes;
    const values = Array.from({ length: ARGUMENTS }, (_, i) => wordAt(bytes, 4 * i));
    return mmap.run(task, new Registers(...values));
  },
};
