import { describe, expect, test } from "vitest";
import { findingAt, judgeText, log, verdicts } from "./testing/judgeText.ts";

const last = (...lines: readonly string[]): string =>
  verdicts(log(...lines))
    .at(-1)!
    .replace(/^\d+ /, "");

const FORK = "1 clone(child_stack=NULL, flags=SIGCHLD) = 2";
const ALLOW = "BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)";
const filter = (returns: string): string =>
  `1 prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=4, filter=[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x1b2, 0, 0x1), BPF_STMT(BPF_RET|BPF_K, ${returns}), ${ALLOW}]}) = 0`;
const REFUSES = filter("SECCOMP_RET_ERRNO|0x26");
const open = (pid: number, result: string): string => `${pid} pidfd_open(1, 0) = ${result}`;
const ABSENT = "-1 ENOSYS (Function not implemented)";

describe("a seccomp filter that the log shows", () => {
  test("answers before the call is made", () => {
    expect(last(REFUSES, open(1, ABSENT))).toBe("pidfd_open exact");
    expect(last(REFUSES, open(1, "3"))).toBe("pidfd_open deviation");
    expect(last(open(1, ABSENT), REFUSES, open(1, ABSENT))).toBe("pidfd_open exact");
    const report = judgeText(log(REFUSES, open(1, "-1 EPERM (Operation not permitted)")));
    expect(findingAt(report, 3)).toMatchObject({
      verdict: "deviation",
      allowed: [ABSENT],
      reason: { id: "seccomp/shown-filter" },
    });
  });

  test("lets other calls through, and does not hold who was there before", () => {
    expect(last(FORK, REFUSES, open(2, ABSENT))).toBe("pidfd_open deviation");
    expect(last(REFUSES, "1 close(3) = -1 EBADF (Bad file descriptor)")).not.toMatch(/deviation/);
    expect(last(REFUSES.replace("= 0", "= -1 EACCES (Permission denied)"), open(1, ABSENT))).toBe(
      "pidfd_open deviation",
    );
  });

  test("goes on to children, through an execve, and to all threads where it says so", () => {
    const exec = '2 execve("./other", ["./other"], []) = 0';
    expect(last(REFUSES, FORK, open(2, ABSENT))).toBe("pidfd_open exact");
    expect(last(REFUSES, FORK, exec, open(2, ABSENT))).toBe("pidfd_open exact");
    const thread =
      "1 clone(child_stack=0x7f0000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2";
    const call = REFUSES.replace("prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,", "seccomp(HOW,");
    const how = (flags: string): string => call.replace("HOW", `SECCOMP_SET_MODE_FILTER, ${flags}`);
    expect(last(thread, how("SECCOMP_FILTER_FLAG_TSYNC"), open(2, ABSENT))).toBe(
      "pidfd_open exact",
    );
    expect(last(thread, how("0"), open(2, ABSENT))).toBe("pidfd_open deviation");
    expect(last(thread, how("0"), open(1, ABSENT))).toBe("pidfd_open exact");
  });

  test("of several the strictest counts, and of equal ones the last", () => {
    const other = filter("SECCOMP_RET_ERRNO|0x1");
    expect(last(REFUSES, other, open(1, "-1 EPERM (Operation not permitted)"))).toBe(
      "pidfd_open exact",
    );
    expect(last(REFUSES, filter("SECCOMP_RET_LOG"), open(1, ABSENT))).toBe("pidfd_open exact");
    expect(last(filter("SECCOMP_RET_LOG"), open(1, ABSENT))).toBe("pidfd_open deviation");
  });

  test("that others decide, or that is not shown, leaves every result open", () => {
    const unshown =
      "1 prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=9, filter=0x7ffc00000000}) = 0";
    for (const what of [
      filter("SECCOMP_RET_TRACE|0x1"),
      filter("SECCOMP_RET_USER_NOTIF"),
      unshown,
    ]) {
      expect(last(what, open(1, ABSENT))).toBe("pidfd_open undetermined");
      // A supervisor may answer with any number.
      expect(last(what, open(1, "77"))).not.toMatch(/deviation/);
      expect(last(what, "1 getpid() = 1")).toBe("getpid exact");
    }
    expect(last(unshown, "1 close(3) = 7")).toBe("close undetermined");
    expect(last(unshown, "1 exit_group(0) = 231")).toBe("exit_group undetermined");
  });
});

// 6.18: the call's number stands where its result would, for the registers are put back.
describe("a call that a filter ends with SIGSYS", () => {
  const killing = ["SECCOMP_RET_KILL_THREAD", "SECCOMP_RET_KILL_PROCESS", "SECCOMP_RET_TRAP"];
  test.each([...killing, "0x10000000 /* SECCOMP_RET_??? */"])("by %s", (returns) => {
    const all = filter(returns).replace(ALLOW, `BPF_STMT(BPF_RET|BPF_K, ${returns})`);
    expect(last(all, "1 getpid() = 39")).toBe("getpid exact");
    expect(last(all, "1 getpid() = 1")).toBe("getpid deviation");
    expect(last(all, "1 getpid() = -1 EPERM (Operation not permitted)")).toBe("getpid deviation");
    expect(last(all, "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0xc0ffee) = 0x9")).toBe(
      "mmap exact",
    );
    expect(last(all, "1 exit_group(0) = 231")).toBe("exit_group exact");
    expect(last(all, "1 exit_group(0) = 5")).toBe("exit_group deviation");
    expect(last(filter(returns), "1 exit_group(0) = ?")).toBe("exit_group exact");
  });

  test("and one that a filter answers with error 0 returns 0", () => {
    expect(last(filter("SECCOMP_RET_ERRNO"), open(1, "0"))).toBe("pidfd_open exact");
    expect(last(filter("SECCOMP_RET_ERRNO"), open(1, "3"))).toBe("pidfd_open deviation");
  });
});

describe("a Landlock domain that the log shows", () => {
  const root = [
    ...["1 setresgid(0, 0, 0) = 0", "1 setresuid(0, 0, 0) = 0"],
    "1 prctl(PR_SET_DUMPABLE, SUID_DUMP_USER) = 0",
  ];
  const enters = "1 landlock_restrict_self(3, 0) = 0";
  const OPEN = "1 pidfd_open(2, 0) = 3";
  const get = (result: string): string => `1 pidfd_getfd(3, 1, 0) = ${result}`;
  const denied = "-1 EPERM (Operation not permitted)";

  test("keeps its task from whoever is outside, and not from its later children", () => {
    expect(last(...root, FORK, OPEN, enters, get(denied))).toBe("pidfd_getfd exact");
    expect(last(...root, FORK, OPEN, enters, get("4"))).toBe("pidfd_getfd deviation");
    expect(last(...root, enters, FORK, OPEN, get("4"))).not.toMatch(/deviation/);
    // Another module may.
    expect(last(...root, enters, FORK, OPEN, get(denied))).toBe("pidfd_getfd undetermined");
  });

  test("holds in every world that splits from one", () => {
    const split = "1 setresuid(-1, 7, -1) = 0";
    expect(last(FORK, OPEN, enters, split, get(denied))).not.toMatch(/deviation/);
  });

  test("is none where only the record of denials changes", () => {
    const quiet = "1 landlock_restrict_self(-1, 0x4) = 0";
    expect(last(...root, FORK, OPEN, quiet, get(denied))).toBe("pidfd_getfd undetermined");
  });
});

// Seen on 6.18, with maps that another process wrote: the log does not show what is in them.
test("in a user namespace whose maps nobody stated nothing is said of names, nor of root", () => {
  const start = [
    ...["1 setresgid(1000, 1000, 1000) = 0", "1 setresuid(1000, 1000, 1000) = 0"],
    ...["1 setgroups(1, [1000]) = 0", "1 unshare(CLONE_NEWUSER) = 0"],
  ];
  const full =
    "1 capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0x1ffffffffff, permitted=0x1ffffffffff, inheritable=0}) = 0";
  const exec = '1 execve("./other", ["./other"], []) = 0';
  for (const line of ["setgroups(0, NULL) = 0", "getgroups(1, [0]) = 1", "getuid() = 0"])
    expect(last(...start, `1 ${line}`)).toMatch(/undetermined$/);
  expect(last(...start, "1 clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = 2")).not.toMatch(
    /deviation/,
  );
  expect(last(...start, exec, full)).not.toMatch(/deviation/);
});

// Seen on 6.18: without any capability, to a process of the same user in a namespace of its own.
test("who owns a user namespace that the log shows being made reaches into it", () => {
  const becomes = (pid: number): readonly string[] => [
    ...[`${pid} setresgid(1000, 1000, 1000) = 0`, `${pid} setresuid(1000, 1000, 1000) = 0`],
    `${pid} prctl(PR_SET_DUMPABLE, SUID_DUMP_USER) = 0`,
  ];
  const none =
    "1 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=0}) = 0";
  const lines = (name: string): readonly string[] => [
    ...[FORK, ...becomes(2), `2 ${name} = 0`, ...becomes(1), none, "1 pidfd_open(2, 0) = 3"],
  ];
  const vector = "3, [{iov_base=0x500000000, iov_len=4096}], 1, MADV_COLD, 0";
  const call = (error: string): string => `1 process_madvise(${vector}) = ${error}`;
  const own = lines("unshare(CLONE_NEWUSER)");
  expect(last(...own, call("-1 EPERM (Operation not permitted)"))).toBe("process_madvise exact");
  expect(last(...own, call("8192"))).toBe("process_madvise deviation");
  // A security module may deny it that Linux' own rules grant.
  expect(last(...own, call("-1 EACCES (Permission denied)"))).toBe("process_madvise undetermined");
});
