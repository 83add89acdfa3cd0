import { IPC, IPC_CALL, must, PROT, SHM, SHMGET } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine, type TestTaskOptions } from "../testing/machine.ts";
import { PAGE } from "../testing/pages.ts";

const A = 0x2000_0000;
const BUFFER = 0x2100_0000;

/** A process with a page to write structures to. */
function process(machine = new TestMachine(), options: TestTaskOptions = {}): Task {
  const task = machine.spawn(options);
  must(call(task, "mmap", BUFFER, PAGE, 3, 0x32, -1, 0));
  return task;
}

function segment(task: Task, pages = 4, flags = 0o600, key = 0): number {
  return must(call(task, "shmget", key, pages * PAGE, flags));
}

const ask = (task: Task, name: string, ...registers: (number | bigint)[]): string =>
  String(said(call(task, name, ...registers)));
const attach = (task: Task, id: number, at: number | bigint = A, flags = 0): string =>
  ask(task, "shmat", id, at, flags);
const AT = String(A);

/** A number of the structure that IPC_STAT writes. */
function stat(task: Task, id: number, offset: number): number {
  must(call(task, "shmctl", id, IPC.IPC_STAT, BUFFER));
  const bytes = must(task.space.read(BUFFER / PAGE, 4, offset));
  return new DataView(bytes.buffer).getUint32(0, true);
}
const attachments = (task: Task, id: number): number => stat(task, id, 88);

describe("shmget", () => {
  test.each([
    ["no byte", 0, "EINVAL shmget/size"],
    ["more than kernel.shmmax", 2n ** 64n - 2n ** 24n, "EINVAL shmget/size"],
    ["more than a file can have", 2n ** 63n, "EINVAL shmget/size"],
    ["more than there is memory", 2n ** 60n, "ENOMEM shmget/no-memory"],
    ["one byte", 1, "0"],
  ])("of %s", (_, size, answer) => {
    expect(ask(process(), "shmget", 0, size, 0o600)).toBe(answer);
  });

  test("by a key makes one, or finds it", () => {
    const task = process();
    const { IPC_CREAT, IPC_EXCL } = SHMGET;
    const get = (pages: number, flags: number): string =>
      ask(task, "shmget", -5, pages * PAGE, flags);
    expect(get(2, 0o600)).toBe("ENOENT shmget/no-segment");
    expect(get(2, IPC_CREAT | IPC_EXCL | 0o600)).toBe("0");
    expect(get(2, IPC_CREAT | IPC_EXCL | 0o600)).toBe("EEXIST shmget/exists");
    expect(get(3, IPC_CREAT | 0o600)).toBe("EINVAL shmget/larger");
    expect(get(2, IPC_EXCL | 0o600)).toBe("0");
    expect(get(0, 0)).toBe("0");
    expect(attach(task, 0)).toBe(AT);
    expect(task.space.maps()).toMatch(
      /^20000000-20002000 rw-s 00000000 00:01 0 +\/SYSVfffffffb \(deleted\)$/m,
    );
    must(call(task, "shmctl", 0, IPC.IPC_RMID, 0));
    expect(get(0, 0)).toBe("ENOENT shmget/no-segment");
    expect(task.space.maps()).toContain("SYSVfffffffb");
  });

  test("by a key asks for the rights that it names", () => {
    const machine = new TestMachine();
    const owner = process(machine, { uid: 1000 });
    segment(owner, 1, SHMGET.IPC_CREAT | 0o640, 7);
    const stranger = process(machine, { uid: 1001, gid: 1001 });
    expect(ask(stranger, "shmget", 7, 0, 0)).toBe("0");
    expect(ask(stranger, "shmget", 7, 0, 0o004)).toBe("EACCES shm/denied");
    expect(ask(owner, "shmget", 7, 0, 0o600)).toBe("0");
    expect(ask(owner, "shmget", 7, 0, 0o100)).toBe("EACCES shm/denied");
  });

  test("of huge pages finds none, and not everybody may look", () => {
    const huge = (release: string, id: number, size: number, log2 = 0): string => {
      const task = new TestMachine({ release }).spawn({ uid: id, gid: id });
      task.limits.set("RLIMIT_MEMLOCK", { soft: 2 ** 22, hard: 2 ** 22 });
      return ask(task, "shmget", 0, size, SHMGET.SHM_HUGETLB | (log2 * 2 ** 26) | 0o600);
    };
    expect(huge("6.12", 0, PAGE)).toBe("ENOMEM shmget/no-memory");
    expect(huge("6.12", 0, PAGE, 19)).toBe("EINVAL shmget/huge-size");
    expect(huge("6.12", 1, PAGE)).toBe("EPERM shmget/huge-not-permitted");
    expect(huge("5.10", 1, 2 ** 22)).toBe("ENOMEM shmget/no-memory");
    expect(huge("5.10", 1, 2 ** 22 + 1)).toBe("EPERM shmget/huge-not-permitted");
    expect(huge("5.10", 1, PAGE, 30)).toBe("EPERM shmget/huge-not-permitted");
  });

  test("of huge pages may be had by the group of root, whoever is in it", () => {
    const inGroup = (ids: { gid: number; groups?: readonly number[] }): string => {
      const task = new TestMachine({ release: "6.12" }).spawn({ uid: 1, ...ids });
      return ask(task, "shmget", 0, PAGE, SHMGET.SHM_HUGETLB | 0o600);
    };
    expect(inGroup({ gid: 0 })).toBe("ENOMEM shmget/no-memory");
    expect(inGroup({ gid: 1, groups: [7, 0] })).toBe("ENOMEM shmget/no-memory");
    expect(inGroup({ gid: 1, groups: [7] })).toBe("EPERM shmget/huge-not-permitted");
  });

  test("promises its pages at once, unless told not to; what ends gives them back", () => {
    const task = process();
    const { memory } = task.machine;
    const before = memory.committedPages;
    const promised = segment(task, 5);
    segment(task, 7, SHMGET.SHM_NORESERVE | 0o600);
    expect(memory.committedPages).toBe(before + 5);
    must(call(task, "shmctl", promised, IPC.IPC_RMID, 0));
    expect(memory.committedPages).toBe(before);
  });

  test("makes 4096 and no more", () => {
    const task = process();
    for (let i = 0; i < 4096; i++) segment(task, 1, SHMGET.SHM_NORESERVE);
    expect(ask(task, "shmget", 0, 1, 0)).toBe("ENOSPC shmget/too-many");
    must(call(task, "shmctl", 17, IPC.IPC_RMID, 0));
    expect(ask(task, "shmget", 0, 1, 0)).toMatch(/^\d+$/);
  });
});

describe("shmat", () => {
  const { SHM_RND, SHM_REMAP, SHM_RDONLY, SHM_EXEC } = SHM;

  test.each([
    ["over something", A, 0, "EINVAL shmat/occupied"],
    ["into something", A + 3 * PAGE, 0, "EINVAL shmat/occupied"],
    ["behind it", A + 4 * PAGE, 0, String(A + 4 * PAGE)],
    ["over something, which is replaced", A + PAGE, SHM_REMAP, String(A + PAGE)],
    ["within a page", A + 0x8fff, 0, "EINVAL shmat/unaligned"],
    ["within a page, rounded", A + 0x8fff, SHM_RND, String(A + 0x8000)],
    ["nowhere, to replace it", 0, SHM_REMAP, "EINVAL shmat/remap-nothing"],
    ["in the first page, to replace it", 100, SHM_RND | SHM_REMAP, "EINVAL shmat/remap-nothing"],
    ["behind the user half", 0x7fff_ffff_f000, 0, "ENOMEM mmap/beyond-limit"],
    ["where the range would wrap", 2n ** 64n - 4096n, 0, "EINVAL shmat/occupied"],
    ["there, to replace what is there", 2n ** 64n - 4096n, SHM_REMAP, "ENOMEM mmap/beyond-limit"],
  ])("%s", (_, at, flags, answer) => {
    const task = process();
    const id = segment(task);
    must(call(task, "shmat", id, A, 0));
    expect(attach(task, id, at, flags)).toBe(answer);
  });

  test("finds a place of its own, and asks the number before the segment", () => {
    const task = process();
    const id = segment(task);
    expect(Number(attach(task, id, 0))).toBeGreaterThan(2 ** 46);
    expect(attach(task, -1, 5)).toBe("EINVAL shmat/bad-id");
    expect(attach(task, 99, 5)).toBe("EINVAL shmat/unaligned");
    expect(attach(task, 99)).toBe("EINVAL shm/no-segment");
  });

  test.each([
    ["its owner", { uid: 1000, gid: 5 }, 0o600, 0, AT],
    ["its owner, whom it grants less than others", { uid: 1000, gid: 5 }, 0o066, 0, "EACCES"],
    ["its group", { uid: 7, gid: 100 }, 0o060, 0, AT],
    ["its group, to execute", { uid: 7, gid: 100 }, 0o060, SHM_EXEC, "EACCES"],
    ["one whose second group it is", { uid: 7, gid: 5, groups: [100] }, 0o040, SHM_RDONLY, AT],
    ["another, to read", { uid: 7, gid: 5 }, 0o004, SHM_RDONLY, AT],
    ["another, to write", { uid: 7, gid: 5 }, 0o004, 0, "EACCES"],
    ["root", {}, 0, SHM_EXEC, AT],
    ["root without CAP_IPC_OWNER", { capabilities: [] }, 0, SHM_RDONLY, "EACCES"],
  ])("by %s", (_, who, mode, flags, answer) => {
    const machine = new TestMachine();
    const id = segment(process(machine, { uid: 1000, gid: 100 }), 1, mode);
    const said = attach(process(machine, who), id, A, flags);
    expect(said).toBe(answer === AT ? AT : `${answer} shm/denied`);
  });

  test("for reading can never be written through", () => {
    const task = process();
    attach(task, segment(task), A, SHM_RDONLY);
    expect(ask(task, "mprotect", A, PAGE, 3)).toBe("EACCES mprotect/access");
    expect(task.space.maps()).toMatch(/^20000000-20004000 r--s/m);
  });

  test("to execute may be", () => {
    const task = process();
    attach(task, segment(task), A, SHM_EXEC);
    expect(task.space.maps()).toMatch(/^20000000-20004000 rwxs/m);
    expect(PROT.PROT_EXEC).toBe(4);
  });

  test("shows the same bytes to all who attached it", () => {
    const machine = new TestMachine();
    const [one, other] = [process(machine), process(machine)];
    const id = segment(one);
    attach(one, id);
    attach(other, id, A + PAGE);
    must(one.space.write(A / PAGE, "shared"));
    expect(must(other.space.read(A / PAGE + 1, 6))).toEqual(Uint8Array.from(Buffer.from("shared")));
  });
});

describe("shmdt", () => {
  test("takes what is left of the attachment, and of no other", () => {
    const task = process();
    const id = segment(task);
    attach(task, id, A);
    attach(task, id, A + 4 * PAGE);
    must(call(task, "munmap", A, PAGE));
    must(call(task, "munmap", A + 2 * PAGE, PAGE));
    expect(ask(task, "shmdt", A + 1)).toBe("EINVAL shmdt/unaligned");
    expect(ask(task, "shmdt", A + PAGE)).toBe("EINVAL shmdt/not-attached");
    expect(ask(task, "shmdt", A)).toBe("0");
    expect(attachments(task, id)).toBe(1);
    expect(ask(task, "shmdt", A)).toBe("EINVAL shmdt/not-attached");
    expect(ask(task, "shmdt", 0x7fff_ffff_f000)).toBe("EINVAL shmdt/not-attached");
    expect(ask(task, "shmdt", A + 4 * PAGE)).toBe("0");
    expect(attachments(task, id)).toBe(0);
  });

  test("is not fooled by another segment's piece that lies as its own would", () => {
    const task = process();
    attach(task, segment(task), A);
    attach(task, segment(task), A + 0x10000);
    const REMAP = 3;
    must(call(task, "mremap", A + 0x12000, PAGE, PAGE, REMAP, A + 2 * PAGE));
    expect(ask(task, "shmdt", A)).toBe("0");
    expect(task.space.maps()).toMatch(/^20002000-20003000 rw-s 00002000/m);
  });

  test("leaves pieces behind the size of the segment alone", () => {
    const task = process();
    const id = segment(task, 2);
    attach(task, id, A);
    must(call(task, "mremap", A, 2 * PAGE, 6 * PAGE, 0));
    must(call(task, "munmap", A + PAGE, PAGE));
    expect(ask(task, "shmdt", A)).toBe("0");
    expect(task.space.maps()).toMatch(/^20002000-20006000 rw-s 00002000/m);
  });
});

describe("a segment", () => {
  test("that was removed lives until nobody shows it, and can be attached that long", () => {
    const machine = new TestMachine();
    const task = process(machine);
    const id = segment(task);
    attach(task, id);
    must(task.space.write(A / PAGE, "x"));
    const child = machine.task(must(call(task, "fork")));
    expect(ask(task, "shmctl", id, IPC.IPC_RMID, 0)).toBe("0");
    expect([attachments(task, id), stat(task, id, 20)]).toEqual([2, 0o1600]);
    expect(ask(task, "shmdt", A)).toBe("0");
    expect(attach(task, id)).toBe(AT);
    call(child, "exit_group", 0);
    expect(attachments(task, id)).toBe(1);
    expect(ask(task, "munmap", A, 4 * PAGE)).toBe("0");
    expect(attach(task, id)).toBe("EINVAL shm/no-segment");
    expect(machine.machine.memory.frames.inUse).toBe(1);
  });

  test("lives on where it takes its own last place", () => {
    const task = process();
    const id = segment(task);
    attach(task, id);
    must(task.space.write(A / PAGE, "kept"));
    must(call(task, "shmctl", id, IPC.IPC_RMID, 0));
    expect(ask(task, "shmat", id, A, SHM.SHM_REMAP)).toBe(AT);
    expect(must(task.space.read(A / PAGE, 4))).toEqual(Uint8Array.from(Buffer.from("kept")));
    expect(attachments(task, id)).toBe(1);
  });

  test("that was not keeps what was written though nobody shows it", () => {
    const task = process();
    const id = segment(task);
    attach(task, id);
    must(task.space.write(A / PAGE, "kept"));
    must(call(task, "shmdt", A));
    attach(task, id);
    expect(must(task.space.read(A / PAGE, 4))).toEqual(Uint8Array.from(Buffer.from("kept")));
  });

  test("counts areas: a cut makes one more, an exec loses all", () => {
    const machine = new TestMachine();
    const [task, other] = [process(machine), process(machine)];
    const id = segment(task);
    attach(other, id);
    must(call(other, "mprotect", A + PAGE, PAGE, 1));
    expect(attachments(task, id)).toBe(3);
    must(call(other, "execve", 0, 0, 0));
    expect(attachments(task, id)).toBe(0);
  });

  test("is as it was behind an attempt to take it away", () => {
    const task = process();
    const id = segment(task);
    attach(task, id);
    must(task.space.write(A / PAGE, "kept"));
    task.space.attempt(() => {
      call(task, "shmctl", id, IPC.IPC_RMID, 0);
      call(task, "shmdt", A);
      expect(attach(task, id)).toBe("EINVAL shm/no-segment");
    });
    expect([attachments(task, id), stat(task, id, 20)]).toEqual([1, 0o600]);
    expect(must(task.space.read(A / PAGE, 4))).toEqual(Uint8Array.from(Buffer.from("kept")));
  });

  test("is seen within its ipc namespace alone; what is shown stays shown", () => {
    const machine = new TestMachine();
    const task = process(machine);
    const id = segment(task);
    attach(task, id);
    const CLONE_NEWIPC = 0x0800_0000;
    const child = machine.task(must(call(task, "clone", CLONE_NEWIPC + 17, 0, 0, 0, 0)));
    expect(attach(child, id, A + 0x10000)).toBe("EINVAL shm/no-segment");
    expect(ask(child, "shmdt", A)).toBe("0");
    const other = machine.task(must(call(task, "fork")));
    must(call(other, "unshare", CLONE_NEWIPC));
    expect([attach(other, id, A + 0x10000), segment(other)]).toEqual(["EINVAL shm/no-segment", 0]);
    const fd = must(call(other, "pidfd_open", task.pid.number, 0));
    must(call(other, "setns", fd, CLONE_NEWIPC));
    expect(attach(other, id, A + 0x10000)).toBe(String(A + 0x10000));
  });
});

describe("shmctl", () => {
  test.each([
    ["a negative command", 0, -1, "EINVAL shmctl/negative"],
    ["a negative number", -1, IPC.IPC_STAT, "EINVAL shmctl/negative"],
    ["an unknown command", 0, 99, "EINVAL shmctl/command"],
    ["a number that none has", 77, IPC.IPC_RMID, "EINVAL shm/no-segment"],
    ["a number that none has, to lock it", 77, IPC.SHM_LOCK, "EINVAL shm/no-segment"],
    ["a bad pointer for a number that none has", 77, IPC.IPC_SET, "EFAULT syscall/fault"],
    ["a bad pointer", 0, IPC.IPC_STAT, "EFAULT syscall/fault"],
  ])("of %s", (_, id, command, answer) => {
    const task = process();
    segment(task);
    expect(ask(task, "shmctl", id, command, 0x1000)).toBe(answer);
  });

  function put(task: Task, uid: number, gid: number, mode: number): void {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, uid, true);
    view.setUint32(8, gid, true);
    view.setUint32(20, mode, true);
    must(task.space.write(BUFFER / PAGE, bytes));
  }

  test("gives it to another, and its maker may still take it", () => {
    const machine = new TestMachine();
    const maker = process(machine, { uid: 1000, gid: 100 });
    const other = process(machine, { uid: 1001, gid: 101 });
    const third = process(machine, { uid: 1002, gid: 102 });
    const id = segment(maker);
    put(maker, 1001, 101, 0o7400);
    expect(ask(other, "shmctl", id, IPC.IPC_SET, BUFFER)).toBe("EPERM shmctl/not-owner");
    expect(ask(maker, "shmctl", id, IPC.IPC_SET, BUFFER)).toBe("0");
    expect(attach(other, id)).toBe("EACCES shm/denied");
    expect(attach(other, id, A, SHM.SHM_RDONLY)).toBe(AT);
    const shown = [4, 8, 12, 16, 20].map((offset) => stat(other, id, offset));
    expect(shown).toEqual([1001, 101, 1000, 100, 0o400]);
    expect(ask(third, "shmctl", id, IPC.IPC_STAT, BUFFER)).toBe("EACCES shm/denied");
    expect(ask(third, "shmctl", id, IPC.IPC_RMID, 0)).toBe("EPERM shmctl/not-owner");
    put(other, 0xffff_ffff, 0, 0o400);
    expect(ask(other, "shmctl", id, IPC.IPC_SET, BUFFER)).toBe("EINVAL shmctl/bad-owner");
    expect(ask(maker, "shmctl", id, IPC.IPC_RMID, 0)).toBe("0");
  });

  test("tells who made it and of which size it is", () => {
    const task = process();
    const id = segment(task, 3, SHMGET.IPC_CREAT | 0o640, 0x77);
    attach(task, id);
    expect([0, 48, 80, 84].map((offset) => stat(task, id, offset))).toEqual([
      0x77,
      3 * PAGE,
      task.pid.number,
      task.pid.number,
    ]);
  });

  test("locks for its owner, within his limit for all of them together", () => {
    const machine = new TestMachine();
    const task = process(machine, { uid: 1000 });
    const [one, other] = [segment(task, 2), segment(task, 2)];
    const lock = (id: number, command: number = IPC.SHM_LOCK, by = task): string =>
      ask(by, "shmctl", id, command, 0);
    task.limits.set("RLIMIT_MEMLOCK", { soft: 3 * PAGE, hard: 9 * PAGE });
    expect([lock(one), lock(one), stat(task, one, 20)]).toEqual(["0", "0", 0o2600]);
    expect(lock(other)).toBe("ENOMEM shmctl/lock-limit");
    const stranger = process(machine, { uid: 1001 });
    expect(lock(one, IPC.SHM_UNLOCK, stranger)).toBe("EPERM shmctl/lock-not-permitted");
    expect([lock(one, IPC.SHM_UNLOCK), lock(other)]).toEqual(["0", "0"]);
    task.limits.set("RLIMIT_MEMLOCK", { soft: 0, hard: 9 * PAGE });
    expect(lock(one)).toBe("EPERM shmctl/lock-not-permitted");
    expect(lock(other, IPC.SHM_UNLOCK)).toBe("0");
    expect(lock(one, IPC.SHM_LOCK, process(machine))).toBe("0");
  });
});

describe("i386", () => {
  test("has one gate for all, and one for each", () => {
    const task = process();
    const via = (...registers: number[]): string => String(said(call32(task, "ipc", ...registers)));
    const { SHMAT, SHMDT, SHMGET: GET, SHMCTL } = IPC_CALL;
    expect(via(GET, 0, 2 * PAGE, 0o600, 0, 0)).toBe("0");
    expect(via(SHMAT, 0, 0, BUFFER, A, 0)).toBe("0");
    expect(new DataView(must(task.space.read(BUFFER / PAGE, 4)).buffer).getUint32(0, true)).toBe(A);
    expect(via(SHMAT + 0x1_0000, 0, 0, BUFFER, A, 0)).toBe("EINVAL ipc/version");
    expect(via(SHMAT, 0, 0, 0x1000, A + 0x10000, 0)).toBe("EFAULT syscall/fault");
    expect(via(SHMDT, 0, 0, 0, A + 0x10000, 0)).toBe("0");
    expect(via(SHMDT, 0, 0, 0, A + 1, 0)).toBe("EINVAL shmdt/unaligned");
    expect(via(4, 0, 0, 0, 0, 0)).toBe("ENOSYS ipc/not-modelled");
    expect(String(said(call32(task, "shmat", 0, A + 0x10000, 0)))).toBe(String(A + 0x10000));
    expect(via(SHMCTL, 0, IPC.IPC_RMID + 0x100, 0, 0, 0)).toBe("0");
  });

  test("has structures of three kinds", () => {
    const task = process();
    const id = segment(task, 2);
    attach(task, id);
    const read = (offset: number, bytes: 2 | 4): number => {
      const view = new DataView(must(task.space.read(BUFFER / PAGE, bytes, offset)).buffer);
      return bytes === 2 ? view.getUint16(0, true) : view.getUint32(0, true);
    };
    must(call32(task, "ipc", IPC_CALL.SHMCTL, id, IPC.IPC_STAT + 0x100, 0, BUFFER, 0));
    expect([read(20, 2), read(36, 4), read(72, 4)]).toEqual([0o600, 2 * PAGE, 1]);
    must(call32(task, "ipc", IPC_CALL.SHMCTL, id, IPC.IPC_STAT, 0, BUFFER, 0));
    expect([read(12, 2), read(16, 4), read(36, 2)]).toEqual([0o600, 2 * PAGE, 1]);
    must(call32(task, "shmctl", id, IPC.IPC_STAT, BUFFER));
    expect([read(20, 2), read(36, 4), read(72, 4)]).toEqual([0o600, 2 * PAGE, 1]);
  });
});

describe("in a user namespace that maps nobody", () => {
  function within(): [Task, number] {
    const task = process(new TestMachine({ release: "6.18" }));
    const id = segment(task, 1, 0o666);
    must(call(task, "unshare", 0x1000_0000));
    return [task, id];
  }

  test("a segment belongs to nobody that it knows", () => {
    const [task, id] = within();
    expect([4, 8, 12, 16].map((offset) => stat(task, id, offset))).toEqual(Array(4).fill(65_534));
  });
});

test("a move takes no segment along with other areas, nor others with it", () => {
  const task = process(new TestMachine({ release: "6.18" }));
  must(call(task, "mmap", A, 2 * PAGE, 3, 0x32, -1, 0));
  expect(attach(task, segment(task, 1), A + 2 * PAGE)).toBe(String(A + 2 * PAGE));
  const move = (from: number, pages: number): string =>
    ask(task, "mremap", A + from * PAGE, pages * PAGE, pages * PAGE, 3, 0x2800_0000);
  expect(move(2, 2)).toBe("EFAULT mremap/crosses-areas");
  expect(move(2, 1)).toBe(String(0x2800_0000));
  expect(move(0, 2)).toBe(String(0x2800_0000));
});
