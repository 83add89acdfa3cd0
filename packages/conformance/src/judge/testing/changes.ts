import { ERRNO_TEXT, type ErrnoName } from "@kadvise/uapi";

/**
 * What each call can answer besides what it did: errors that its man page or the kernel's source
 * knows, and other values of its kind. Exhausted memory is left out only where the call cannot fail
 * for it.
 */
const ERRORS: { readonly [call: string]: readonly ErrnoName[] } = {
  brk: [],
  capget: ["EFAULT", "EINVAL", "EPERM", "ESRCH"],
  capset: ["EFAULT", "EINVAL", "EPERM"],
  clone: ["EAGAIN", "EINVAL", "ENOMEM", "EPERM"],
  clone3: ["EAGAIN", "EINVAL", "ENOMEM", "EPERM"],
  close: ["EBADF", "EINTR", "EIO"],
  close_range: ["EINVAL", "ENOMEM"],
  dup: ["EBADF", "EMFILE"],
  dup2: ["EBADF", "EBUSY"],
  execve: ["EACCES", "ENOENT", "ENOMEM"],
  fcntl: ["EBADF", "EINVAL", "EMFILE"],
  fork: ["EAGAIN", "ENOMEM"],
  getresgid: ["EFAULT"],
  getresuid: ["EFAULT"],
  madvise: ["EACCES", "EAGAIN", "EBADF", "EFAULT", "EINVAL", "ENOMEM", "EPERM"],
  mincore: ["EAGAIN", "EFAULT", "EINVAL", "ENOMEM"],
  mlock: ["EAGAIN", "EINVAL", "ENOMEM", "EPERM"],
  mlock2: ["EAGAIN", "EINVAL", "ENOMEM", "EPERM"],
  mlockall: ["EINVAL", "ENOMEM", "EPERM"],
  mmap: ["EACCES", "EBADF", "EEXIST", "EINVAL", "ENODEV", "ENOMEM", "EPERM"],
  mmap2: ["EACCES", "EBADF", "EINVAL", "ENOMEM"],
  mprotect: ["EACCES", "EINVAL", "ENOMEM"],
  msync: ["EBUSY", "EINVAL", "ENOMEM"],
  munlock: ["EINVAL", "ENOMEM"],
  munmap: ["EINVAL", "ENOMEM"],
  pidfd_open: ["EINVAL", "EMFILE", "ENOENT", "ESRCH"],
  prctl: ["EFAULT", "EINVAL", "EPERM"],
  process_madvise: ["EACCES", "EBADF", "EFAULT", "EINVAL", "ENOMEM", "EPERM", "ESRCH"],
  setgroups: ["EFAULT", "EINVAL", "EPERM"],
  setresgid: ["EINVAL", "EPERM"],
  setresuid: ["EAGAIN", "EINVAL", "EPERM"],
  vfork: ["EAGAIN", "ENOMEM"],
  wait4: ["ECHILD", "EINVAL"],
  waitid: ["EBADF", "ECHILD", "EINVAL"],
};

/** Calls that answer 0 or an error. */
const ZERO: ReadonlySet<string> = new Set([
  ...["capget", "capset", "close", "close_range", "execve", "getresgid", "getresuid", "madvise"],
  ...["mincore", "mlock", "mlock2", "mlockall", "mprotect", "msync", "munlock", "munlockall"],
  ...["munmap", "setgroups", "setresgid", "setresuid", "waitid"],
]);
/** Calls whose answer is an address: other pages. */
const ADDRESS: ReadonlySet<string> = new Set(["brk", "mmap", "mmap2"]);

/**
 * Every other result that a call can give, in strace's notation. `bytes`: how many a vector names.
 */
export function otherResults(call: string, observed: string, bytes = 4096): readonly string[] {
  const errors = ERRORS[call]?.map((name) => `-1 ${name} (${ERRNO_TEXT[name]})`) ?? [];
  const values = otherValues(call, observed, bytes);
  // strace names some values: `1 (SUID_DUMP_USER)`.
  const same = [observed, observed.replace(/^(\d+) \(\w+\)$/, "$1")];
  return [...new Set([...values, ...errors])].filter((result) => !same.includes(result));
}

function otherValues(call: string, observed: string, total: number): readonly string[] {
  if (observed.startsWith("?")) return [];
  if (ZERO.has(call)) return ["0"];
  const value = /^(0x[0-9a-f]+|\d+)/.exec(observed)?.[1];
  if (ADDRESS.has(call)) {
    const address = value === undefined ? 0x7000_0000_0000n : BigInt(value);
    return [`0x${(address + 0x1000n).toString(16)}`, `0x${(address - 0x1000n).toString(16)}`];
  }
  if (call === "process_madvise") {
    const bytes = value === undefined ? total : Number(value);
    const short = [0, Math.floor(bytes / 2), Math.max(bytes - 4096, 0), Math.max(bytes - 1, 0)];
    return [...short, bytes, bytes + 4096, total].map(String);
  }
  if (call === "prctl") return ["0", "1", "2"];
  const number = value === undefined ? 3 : Number(value);
  return [String(number + 1), ...(number > 0 ? [String(number - 1)] : [])];
}

/** Puts another result into a line; the time that `-T` adds stays. */
export function withResult(line: string, result: string): string {
  const match = /^(.*\)\s+= )(.*?)(\s<\d+\.\d+>)?$/.exec(line);
  if (match === null) throw new RangeError(`no result in: ${line}`);
  return `${match[1]}${result}${match[3] ?? ""}`;
}
