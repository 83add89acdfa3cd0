import { Inode, OpenFile } from "@kadvise/files";
import { O, Reasons } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

const entries = {
  "memfd_secret/off": {
    errno: "ENOSYS",
    text: "secret memory is not switched on: up to 6.4 the boot option secretmem.enable asks for it",
    linux: "mm/secretmem.c memfd_secret",
    since: "5.14",
    remedy: "use a newer release, or boot with secretmem.enable=y",
  },
  "memfd_secret/flags": {
    errno: "EINVAL",
    text: "memfd_secret knows O_CLOEXEC alone",
    linux: "mm/secretmem.c memfd_secret",
    since: "5.14",
    remedy: "pass 0 or O_CLOEXEC",
    compares: ["flags"],
  },
} as const;

/** memfd_secret's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * memfd_secret(2): a file whose pages the kernel itself does not map. Since 5.14, switched on by
 * default since 6.5. Linux: mm/secretmem.c memfd_secret
 */
export const memfdSecret: SystemCall = {
  name: "memfd_secret",
  parameters: [parameter("flags", { flags: { O_CLOEXEC: O.O_CLOEXEC }, unknown: "O_???" })],
  returns: "fd",
  run(task, registers) {
    const { machine } = task;
    const { checks } = machine.ports;
    if (!machine.profile.mm.secretMemory) return reasons.refuse(checks, "memfd_secret/off");
    const flags = registers.low(0);
    if ((flags & ~O.O_CLOEXEC) !== 0) return reasons.refuse(checks, "memfd_secret/flags", flags);
    const inode = new Inode({ kind: "secret", sizeBytes: 0, mode: 0o600 });
    const file = new OpenFile(inode, {
      flags: O.O_RDWR | O.O_LARGEFILE,
      path: "/secretmem (deleted)",
      // Its own mount forbids execution. Linux: mm/secretmem.c secretmem_init
      noExec: true,
      identity: `00:0f ${machine.memory.newSharedFile()}`,
    });
    const closesOnExec = (flags & O.O_CLOEXEC) !== 0;
    return task.files.open(file, closesOnExec, task.limits.soft("RLIMIT_NOFILE"));
  },
};
