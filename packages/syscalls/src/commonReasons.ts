import { Reasons } from "@kadvise/uapi";

const entries = {
  "syscall/unknown": {
    errno: "ENOSYS",
    text: "this kernel has no such system call",
    linux: "arch/x86/entry/syscall_64.c do_syscall_64",
    since: "2.6",
    remedy: "use a newer kernel, or a configuration that has the call",
    compares: ["number"],
  },
  "syscall/fault": {
    errno: "EFAULT",
    text: "a pointer leads to memory that the caller cannot read or write",
    linux: "arch/x86/lib/usercopy.c copy_from_user, copy_to_user",
    since: "2.6",
    remedy: "pass a pointer to memory of one's own",
    compares: ["address"],
  },
} as const;

/** Reasons that many calls share. */
export const commonReasons: Reasons<keyof typeof entries> = new Reasons(entries);
