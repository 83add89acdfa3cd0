import { commoncap, yama } from "@kadvise/security";
import { CLONE, KCMP, MADV, must, PR, PTRACE, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, decoded, said, TestMachine } from "../testing/machine.ts";
import { execProgram } from "./execve.ts";
import { exitProcess } from "./exit.ts";

const PAGE = 4096;
const AT = 0x10_0000;
const PRIVATE_ANONYMOUS_FIXED = 0x32;

const answer = (
  task: Task,
  name: string,
  ...registers: readonly (number | bigint)[]
): number | string => said(call(task, name, ...registers));
const pidfdOf = (task: Task, of: Task): number => must(call(task, "pidfd_open", of.pid.number, 0));
const die = (task: Task): void => exitProcess(task, { code: 0, signal: 0, coreDumped: false });
const forkOf = (task: Task): Task =>
  task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;

function mapPages(task: Task, pages: number, prot = 3): void {
  must(call(task, "mmap", AT, pages * PAGE, prot, PRIVATE_ANONYMOUS_FIXED, -1, 0));
}

/** A caller, and who it may not reach into: root, and who it may: its own user. */
function three(release = "6.12"): { caller: Task; root: Task; peer: Task } {
  const on = new TestMachine({ release });
  return { caller: on.spawn({ uid: 1 }), root: on.spawn(), peer: on.spawn({ uid: 1 }) };
}

describe("pidfd_getfd", () => {
  test("asks for flags, the pidfd, the process, the permission, the descriptor, and then for room", () => {
    const { caller, root, peer } = three();
    const [closed, open] = [pidfdOf(caller, root), pidfdOf(caller, peer)];
    expect(answer(caller, "pidfd_getfd", -1, 0, 1)).toBe("EINVAL pidfd_getfd/flags");
    expect(answer(caller, "pidfd_getfd", 77, 0, 0)).toBe("EBADF pidfd/closed");
    expect(answer(caller, "pidfd_getfd", -10000, 0, 0)).toBe("EBADF pidfd/closed");
    expect(answer(caller, "pidfd_getfd", closed, 77, 0)).toBe("EPERM pidfd_getfd/denied");
    expect(answer(caller, "pidfd_getfd", open, 77, 0)).toBe("EBADF pidfd_getfd/closed");
    caller.limits.set("RLIMIT_NOFILE", { soft: 1, hard: 1 });
    expect(answer(caller, "pidfd_getfd", open, 0, 0)).toMatch(/^EMFILE/);
  });

  test("the copy is the same open file, close-on-exec", () => {
    const { caller, peer } = three();
    const fd = must(call(caller, "pidfd_getfd", pidfdOf(caller, peer), 1, 0));
    expect(caller.files.get(fd)).toEqual({ file: peer.files.get(1)?.file, closeOnExec: true });
    expect(caller.files.get(fd)?.file).toBe(peer.files.get(1)?.file);
  });

  test.each([
    ["5.10.0", "EBADF pidfd_getfd/closed"],
    ["7.3", "ESRCH pidfd_getfd/exiting"],
  ])("of a zombie on %s: %s", (release, expected) => {
    const root = three(release).root;
    const child = forkOf(root);
    const fd = pidfdOf(root, child);
    die(child);
    expect(answer(root, "pidfd_getfd", fd, 0, 0)).toBe(expected);
    must(call(root, "wait4", child.pid.number, 0, 0, 0));
    expect(answer(root, "pidfd_getfd", fd, 0, 0)).toBe("ESRCH pidfd_getfd/no-process");
  });

  test("sharing the memory is no permission here, as it is for process_madvise", () => {
    const { root } = three();
    const number = must(call(root, "clone", CLONE.CLONE_VM | SIG.SIGCHLD, 0, 0, 0, 0));
    const peer = root.machine.processes.find(number)!.thread!.payload;
    must(call(peer, "setresuid", 5, 5, 5));
    const fd = pidfdOf(peer, root);
    expect(answer(peer, "pidfd_getfd", fd, 0, 0)).toBe("EPERM pidfd_getfd/denied");
    mapPages(root, 1);
    const advised = decoded(
      peer,
      "process_madvise",
      fd,
      [{ base: AT, length: PAGE }],
      1,
      MADV.MADV_COLD,
      0,
    );
    expect(said(advised.outcome)).toBe(PAGE);
  });

  test("Yama has its say: it attaches", () => {
    const on = new TestMachine({ policies: [commoncap(), yama({ scope: 1 })] });
    const [caller, peer] = [on.spawn({ uid: 1 }), on.spawn({ uid: 1 })];
    const refused = call(caller, "pidfd_getfd", pidfdOf(caller, peer), 0, 0);
    expect(said(refused)).toBe("EPERM pidfd_getfd/denied");
    expect(refused.ok ? "" : refused.because?.reason.id).toBe("yama/restricted");
    must(call(peer, "prctl", PR.PR_SET_PTRACER, caller.pid.number));
    expect(answer(caller, "pidfd_getfd", pidfdOf(caller, peer), 0, 0)).toBeTypeOf("number");
  });
});

describe("process_mrelease", () => {
  test("asks no permission, but for a process that was killed", () => {
    const { caller, root } = three();
    const fd = pidfdOf(caller, root);
    expect(answer(caller, "process_mrelease", -1, 1)).toBe("EINVAL process_mrelease/flags");
    expect(answer(caller, "process_mrelease", fd, 0)).toBe("EINVAL process_mrelease/not-dying");
    root.thread.group.dying = true;
    expect(answer(caller, "process_mrelease", fd, 0)).toBe(0);
  });

  test("a zombie and a kernel thread have nothing to release", () => {
    const on = new TestMachine();
    const root = on.spawn();
    const child = forkOf(root);
    const fds = [pidfdOf(root, child), pidfdOf(root, on.spawn({ isKernelThread: true }))];
    die(child);
    expect(fds.map((fd) => answer(root, "process_mrelease", fd, 0))).toEqual(
      Array(2).fill("ESRCH process_mrelease/no-memory"),
    );
  });

  test.each([
    ["5.14", "ENOSYS syscall/unknown"],
    ["5.15", "EBADF pidfd/negative"],
  ])("on %s: %s", (release, expected) => {
    expect(answer(three(release).root, "process_mrelease", -1, 0)).toBe(expected);
  });
});

describe("kcmp", () => {
  const compare = (
    a: Task,
    b: Task,
    type: number,
    ...indices: readonly number[]
  ): number | string => answer(a, "kcmp", a.pid.number, b.pid.number, type, ...indices);

  test("looks for both, asks about both, and then looks what is asked", () => {
    const { caller, root, peer } = three();
    expect(answer(caller, "kcmp", caller.pid.number, 999, 99)).toBe("ESRCH kcmp/no-process");
    expect(compare(caller, root, 99)).toBe("EPERM kcmp/denied");
    expect(answer(root, "kcmp", root.pid.number, root.pid.number, 99)).toBe("EINVAL kcmp/type");
    expect(compare(caller, peer, 99)).toBe("EINVAL kcmp/type");
    expect(compare(caller, peer, KCMP.KCMP_FILE, 0, 77)).toBe("EBADF kcmp/closed");
  });

  test("0 for what is shared, else an order", () => {
    const { caller, peer } = three();
    expect(compare(caller, peer, KCMP.KCMP_VM)).toBe(1);
    const number = must(
      call(caller, "clone", CLONE.CLONE_VM | CLONE.CLONE_FILES | SIG.SIGCHLD, 0, 0, 0, 0),
    );
    const child = caller.machine.processes.find(number)!.thread!.payload;
    expect(compare(caller, child, KCMP.KCMP_VM)).toBe(0);
    expect(compare(caller, child, KCMP.KCMP_FILES)).toBe(0);
    expect(compare(caller, peer, KCMP.KCMP_FILES)).toBe(1);
    expect(compare(caller, caller, KCMP.KCMP_SIGHAND)).toBe(0);
    const copy = must(call(caller, "dup", 1));
    expect(compare(caller, caller, KCMP.KCMP_FILE, 1, copy)).toBe(0);
  });
});

describe("process_vm_readv and process_vm_writev", () => {
  const LOCAL = AT + 4 * PAGE;
  const REMOTE = AT;

  function pair(): { caller: Task; peer: Task } {
    const { caller, peer } = three();
    mapPages(caller, 8);
    mapPages(peer, 2);
    return { caller, peer };
  }
  type Side = readonly (readonly [base: number, length: number])[];
  const ranges = (side: Side): { base: number; length: number }[] =>
    side.map(([base, length]) => ({ base, length }));
  const transfer = (
    task: Task,
    name: string,
    of: number,
    local: Side,
    remote: Side,
    flags = 0,
  ): number | string =>
    said(
      decoded(task, name, of, ranges(local), local.length, ranges(remote), remote.length, flags)
        .outcome,
    );

  test("flags, both vectors, the process, its memory, and then the permission", () => {
    const { caller, root, peer } = three();
    const one: Side = [[LOCAL, 8]];
    expect(transfer(caller, "process_vm_readv", 999, one, one, 1)).toBe("EINVAL process_vm/flags");
    expect(transfer(caller, "process_vm_readv", 999, [[LOCAL, -1]], one)).toMatch(/^EINVAL iovec/);
    expect(transfer(caller, "process_vm_readv", 999, one, [[LOCAL, -1]])).toMatch(/^EINVAL iovec/);
    expect(transfer(caller, "process_vm_readv", 999, [], one)).toBe(0);
    expect(transfer(caller, "process_vm_readv", 999, one, [[REMOTE, 0]])).toBe(0);
    expect(transfer(caller, "process_vm_readv", 999, one, one)).toBe("ESRCH process_vm/no-process");
    expect(transfer(caller, "process_vm_readv", root.pid.number, one, one)).toBe(
      "EPERM process_vm/denied",
    );
    const child = forkOf(peer);
    die(child);
    expect(transfer(caller, "process_vm_readv", child.pid.number, one, one)).toBe(
      "ESRCH mm_access/no-memory",
    );
    expect(answer(caller, "process_vm_readv", 999, 0, 0, 0x1000, 1025, 0)).toBe(0);
  });

  test("copies across pages and ranges of other sizes, both ways", () => {
    const { caller, peer } = pair();
    const text = Uint8Array.from({ length: 100 }, (_, i) => i + 1);
    must(peer.space.write(AT / PAGE, text, PAGE - 50));
    const from: Side = [
      [REMOTE + PAGE - 50, 30],
      [REMOTE + PAGE - 20, 70],
    ];
    const to: Side = [
      [LOCAL + PAGE - 7, 60],
      [LOCAL + 2 * PAGE, 40],
    ];
    expect(transfer(caller, "process_vm_readv", peer.pid.number, to, from)).toBe(100);
    expect([...must(caller.space.read(LOCAL / PAGE + 2, 40))]).toEqual([...text.slice(60)]);
    expect([...must(caller.space.read(LOCAL / PAGE, 7, PAGE - 7))]).toEqual([...text.slice(0, 7)]);
    must(caller.space.write(LOCAL / PAGE, Uint8Array.of(9, 8, 7)));
    const one: Side = [[LOCAL, 3]];
    expect(transfer(caller, "process_vm_writev", peer.pid.number, one, [[REMOTE, 3]])).toBe(3);
    expect([...must(peer.space.read(AT / PAGE, 3))]).toEqual([9, 8, 7]);
  });

  test("ends at the first byte that is not there: what was copied counts, or it is EFAULT", () => {
    const { caller, peer } = pair();
    const remote: Side = [[REMOTE + PAGE, 2 * PAGE]];
    const local: Side = [[LOCAL, 2 * PAGE]];
    expect(transfer(caller, "process_vm_readv", peer.pid.number, local, remote)).toBe(PAGE);
    const hole: Side = [[REMOTE + 2 * PAGE, 8]];
    expect(transfer(caller, "process_vm_readv", peer.pid.number, local, hole)).toMatch(/^EFAULT/);
    must(call(peer, "mprotect", AT, PAGE, 1));
    const first: Side = [[REMOTE, 8]];
    expect(transfer(caller, "process_vm_writev", peer.pid.number, local, first)).toMatch(/^EFAULT/);
    expect(transfer(caller, "process_vm_readv", peer.pid.number, [[LOCAL, 8]], first)).toBe(8);
    const kernel: Side = [[2 ** 52, 8]];
    expect(transfer(caller, "process_vm_readv", peer.pid.number, local, kernel)).toMatch(/^EFAULT/);
  });

  test("brings all of the other's range in, whatever there is to copy, and if nothing can be", () => {
    const { caller, peer } = pair();
    const residency = (): string => must(peer.space.residency(AT / PAGE, 2)).join("");
    const range: Side = [[REMOTE + PAGE - 6, 20]];
    const few: Side = [[LOCAL, 4]];
    expect(transfer(caller, "process_vm_readv", peer.pid.number, few, [[REMOTE, 0]])).toBe(0);
    expect(residency()).toBe("00");
    expect(transfer(caller, "process_vm_writev", peer.pid.number, few, range)).toBe(4);
    expect(residency()).toBe("11");
    must(call(peer, "madvise", AT, 2 * PAGE, MADV.MADV_DONTNEED));
    const nowhere: Side = [[AT + 100 * PAGE, 4]];
    expect(transfer(caller, "process_vm_writev", peer.pid.number, nowhere, range)).toMatch(
      /^EFAULT/,
    );
    expect([residency(), peer.space.anonymousPages]).toEqual(["11", 2]);
  });

  test("a 32-bit caller's ranges are 8 bytes each", () => {
    const { caller, peer } = pair();
    const vector = new Uint8Array(16);
    new Uint32Array(vector.buffer).set([LOCAL, 4, REMOTE, 4]);
    must(caller.space.write(AT / PAGE, vector));
    must(peer.space.write(AT / PAGE, Uint8Array.of(1, 2, 3, 4)));
    expect(said(call32(caller, "process_vm_readv", peer.pid.number, AT, 1, AT + 8, 1, 0))).toBe(4);
    expect([...must(caller.space.read(LOCAL / PAGE, 4))]).toEqual([1, 2, 3, 4]);
  });
});

describe("ptrace", () => {
  test("attaches where it may, once, and lets go again", () => {
    const { caller, root, peer } = three();
    const { PTRACE_SEIZE, PTRACE_ATTACH, PTRACE_DETACH } = PTRACE;
    expect(answer(caller, "ptrace", PTRACE_SEIZE, 999, 0, 0)).toBe("ESRCH ptrace/no-process");
    expect(answer(caller, "ptrace", PTRACE_SEIZE, peer.pid.number, 8, 0)).toBe(
      "EIO ptrace/seize-options",
    );
    expect(answer(caller, "ptrace", PTRACE_SEIZE, peer.pid.number, 0, 1 << 30)).toBe(
      "EIO ptrace/seize-options",
    );
    expect(answer(caller, "ptrace", PTRACE_SEIZE, root.pid.number, 0, 0)).toBe(
      "EPERM ptrace_attach/no-access",
    );
    expect(answer(caller, "ptrace", PTRACE_DETACH, peer.pid.number, 0, 0)).toBe(
      "ESRCH ptrace/not-traced",
    );
    expect(answer(caller, "ptrace", PTRACE_SEIZE, peer.pid.number, 0, 1)).toBe(0);
    expect(answer(caller, "ptrace", PTRACE_SEIZE, peer.pid.number, 0, 0)).toBe(
      "EPERM ptrace_attach/already-traced",
    );
    expect(answer(caller, "ptrace", PTRACE_DETACH, peer.pid.number, 0, 0)).toBe(0);
    expect(answer(caller, "ptrace", PTRACE_ATTACH, peer.pid.number, 8, 0)).toBe(0);
    expect(peer.thread.group.stopped).toBe(true);
  });

  test("the end of the tracer sets the tracee free", () => {
    const { root, peer } = three();
    const tracer = forkOf(root);
    must(call(tracer, "ptrace", PTRACE.PTRACE_SEIZE, peer.pid.number, 0, 0));
    die(tracer);
    expect(answer(root, "ptrace", PTRACE.PTRACE_SEIZE, peer.pid.number, 0, 0)).toBe(0);
  });

  test("a child may ask its parent to trace it", () => {
    const child = forkOf(three().root);
    expect(answer(child, "ptrace", PTRACE.PTRACE_TRACEME, 0, 0, 0)).toBe(0);
    expect(answer(child, "ptrace", PTRACE.PTRACE_TRACEME, 0, 0, 0)).toBe(
      "EPERM ptrace_traceme/already-traced",
    );
  });
});

describe("unshare", () => {
  test("knows its flags, and wants one thread for what threads share", () => {
    const { root } = three();
    expect(answer(root, "unshare", 1)).toBe("EINVAL unshare/flags");
    expect(answer(root, "unshare", CLONE.CLONE_NEWUSER | 1)).toBe("EINVAL unshare/flags");
    expect(answer(root, "unshare", 0)).toBe(0);
    must(
      call(root, "clone", CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD, 0, 0, 0, 0),
    );
    for (const flag of [CLONE.CLONE_NEWUSER, CLONE.CLONE_THREAD, CLONE.CLONE_VM]) {
      expect(answer(root, "unshare", flag)).toBe("EINVAL unshare/several-threads");
    }
    expect(answer(root, "unshare", CLONE.CLONE_FILES)).toBe(0);
  });

  test("handlers that another process shares are not left before that one is gone, or executes", () => {
    const { root } = three();
    const shared = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND;
    const sharer = (): Task => {
      const number = must(call(root, "clone", shared | SIG.SIGCHLD, 0, 0, 0, 0));
      return root.machine.processes.find(number)!.thread!.payload;
    };
    const first = sharer();
    expect(answer(root, "unshare", CLONE.CLONE_SIGHAND)).toBe("EINVAL unshare/shared-handlers");
    expect(answer(first, "unshare", CLONE.CLONE_SIGHAND)).toBe("EINVAL unshare/shared-handlers");
    die(first);
    // Its parent has not waited: a zombie keeps what it shared.
    expect(answer(root, "unshare", CLONE.CLONE_SIGHAND)).toBe("EINVAL unshare/shared-handlers");
    must(call(root, "wait4", -1, 0, 0, 0));
    expect(answer(root, "unshare", CLONE.CLONE_SIGHAND)).toBe(0);
    execProgram(sharer(), { owner: 0, group: 0 });
    expect(answer(root, "unshare", CLONE.CLONE_SIGHAND)).toBe(0);
  });

  test("a user namespace is free, and takes the way for the others, which want CAP_SYS_ADMIN", () => {
    const { caller } = three();
    expect(answer(caller, "unshare", CLONE.CLONE_NEWNET)).toBe("EPERM unshare/not-permitted");
    expect(answer(caller, "unshare", CLONE.CLONE_NEWUSER | CLONE.CLONE_NEWNET)).toBe(0);
    expect(caller.subject.credentials.userNamespace.level).toBe(1);
    expect(answer(caller, "unshare", CLONE.CLONE_NEWPID)).toBe(0);
    // Without names for its ids it makes none below.
    expect(answer(caller, "unshare", CLONE.CLONE_NEWUSER)).toBe(
      "EPERM user_namespace/ids-unmapped",
    );
  });

  test("CLONE_FILES copies the descriptors", () => {
    const { root } = three();
    const number = must(call(root, "clone", CLONE.CLONE_FILES | SIG.SIGCHLD, 0, 0, 0, 0));
    const child = root.machine.processes.find(number)!.thread!.payload;
    must(call(child, "unshare", CLONE.CLONE_FILES));
    must(call(child, "close", 1));
    expect(root.files.get(1)).toBeDefined();
  });
});
