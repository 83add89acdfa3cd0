import { O } from "@kadvise/uapi";
import type { Pidfd } from "./pidfd.ts";
import type { PidNamespace } from "./pidNamespace.ts";
import type { Slot } from "./fileTable.ts";

/** The status flags that fcntl's F_GETFL tells of a pidfd. */
export function pidfdStatusFlags<T>({ nonblock, threadOnly, statusFlags }: Pidfd<T>): number {
  return O.O_RDWR | (nonblock ? O.O_NONBLOCK : 0) | (threadOnly ? O.O_EXCL : 0) | statusFlags;
}

/**
 * What /proc/PID/fdinfo/N says of a pidfd, without the lines that tell of the mount and the inode:
 * those are not modelled.
 *
 * `Pid` is -1 once nobody has the number any more, and 0 where the namespace of the reader (the
 * procfs that is read; the initial one by default) does not have it. `NSpid` adds the numbers in
 * the namespaces within. Linux: fs/proc/fd.c seq_show, fs/pidfs.c pidfd_show_fdinfo
 */
export function pidfdFdinfo<T>(
  { file, closeOnExec }: Slot<Pidfd<T>>,
  reader?: PidNamespace<T>,
): string {
  const flags = pidfdStatusFlags(file) | (closeOnExec ? O.O_CLOEXEC : 0);
  const { pid } = file;
  const level = reader?.level ?? 0;
  const seen = reader === undefined ? pid.number : pid.numberIn(reader);
  const number = pid.thread === undefined ? -1 : seen;
  const numbers = [number, ...(number > 0 ? pid.inner.slice(level) : [])];
  return `pos:\t0\nflags:\t0${flags.toString(8)}\nPid:\t${number}\nNSpid:\t${numbers.join("\t")}\n`;
}
