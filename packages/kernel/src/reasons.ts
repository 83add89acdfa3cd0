import { memoryReasons } from "@kadvise/mm-core";
import { pidfdReasons } from "@kadvise/pidfd";
import { SECURITY_REASONS } from "@kadvise/security";
import { SYSCALL_REASONS } from "@kadvise/syscalls";
import type { ReasonEntry } from "@kadvise/uapi";

/** Every reason of every subsystem, by id. */
export const REASONS: { readonly [id: string]: ReasonEntry } = {
  ...memoryReasons.entries,
  ...pidfdReasons.entries,
  ...SECURITY_REASONS,
  ...SYSCALL_REASONS,
};
