import { CLONE, KernelError, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Kernel, type Process } from "./index.ts";
import { PAGE, said, why } from "./testing/scene.ts";

function spawn(): Process {
  return new Kernel({ release: "6.12" }).spawn();
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

describe("mmap", () => {
  test("private, anonymous, readable and writable unless told otherwise", () => {
    const process = spawn();
    const address = must(process.mmap({ length: 2 * PAGE }));
    expect(typeof address).toBe("bigint");
    const end = address + BigInt(2 * PAGE);
    expect(process.maps()).toBe(
      `${address.toString(16)}-${end.toString(16)} rw-p 00000000 00:00 0 \n`,
    );
  });

  test.each([
    ["r", "r--p"],
    ["rw", "rw-p"],
    ["rwx", "rwxp"],
    ["none", "---p"],
    [5, "r-xp"],
  ])("protection %j is %s in maps", (prot, shown) => {
    const process = spawn();
    must(process.mmap({ length: PAGE, prot }));
    expect(process.maps().split(" ")[1]).toBe(shown);
  });

  test("flags as names or bits, addresses as numbers or bigints", () => {
    const process = spawn();
    const names = "MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED";
    expect(must(process.mmap({ length: 1, flags: names, address: 0x10_0000 }))).toBe(0x10_0000n);
    expect(must(process.mmap({ length: 1n, flags: 0x32, address: 0x20_0000n }))).toBe(0x20_0000n);
    expect(process.maps()).toContain("rw-s");
  });

  test("refusals are values with errno and reason", () => {
    expect(spawn().mmap({ length: 0 })).toMatchObject({
      ok: false,
      code: "EINVAL",
      errno: 22,
      reason: { id: "mmap/zero-length", text: "the length is zero" },
    });
  });

  test("a misspelt flag or protection is misuse, and says what was expected", () => {
    const process = spawn();
    expect(() => process.mmap({ length: 1, flags: "MAP_PRIVAT" })).toThrow(
      'expected a name such as MAP_SHARED for flags, got "MAP_PRIVAT"',
    );
    expect(() => process.mmap({ length: 1, prot: "rq" })).toThrow(TypeError);
    expect(() => process.madvise(0, 1, "MADV_CLOD" as "MADV_COLD")).toThrow(TypeError);
  });
});

describe("memory", () => {
  test("stores are real bytes that loads read, over page borders", () => {
    const process = spawn();
    const address = must(process.mmap({ length: 2 * PAGE }));
    must(process.store(address + BigInt(PAGE - 2), "hello"));
    expect(text(must(process.load(address + BigInt(PAGE - 2), 5)))).toBe("hello");
    expect([...must(process.load(address, 3))]).toEqual([0, 0, 0]);
  });

  test("an access that a program may not make is refused with its signal", () => {
    const process = spawn();
    const address = must(process.mmap({ length: PAGE, prot: "r" }));
    expect(process.load(address, 1).ok).toBe(true);
    expect(process.store(address, "x").ok).toBe(false);
    expect(process.load(address + BigInt(PAGE), 1).ok).toBe(false);
  });

  test("fork shares nothing that is written later", () => {
    const process = spawn();
    const address = must(process.mmap({ length: PAGE }));
    must(process.store(address, "both"));
    const child = must(process.fork());
    must(child.store(address, "mine"));
    expect(text(must(process.load(address, 4)))).toBe("both");
    expect(text(must(child.load(address, 4)))).toBe("mine");
  });

  test("mincore gives a byte a page, touched or not", () => {
    const process = spawn();
    const address = must(process.mmap({ length: 4 * PAGE }));
    must(process.touch(address + BigInt(PAGE), PAGE + 1));
    expect([...must(process.mincore(address, 4 * PAGE))]).toEqual([0, 1, 1, 0]);
    expect([...must(process.mincore(address, 1))]).toEqual([0]);
    expect(said(process.mincore(address, 5 * PAGE))).toBe("ENOMEM");
    expect(said(process.mincore(address + 1n, PAGE))).toBe("EINVAL");
  });

  test("brk never fails: it returns the break in force", () => {
    const process = spawn();
    const start = must(process.brk(0));
    expect(must(process.brk(start + BigInt(PAGE)))).toBe(start + BigInt(PAGE));
    expect(must(process.brk(1))).toBe(start + BigInt(PAGE));
    expect(process.maps()).toContain("[heap]");
  });

  test("what munmap takes is gone, what mprotect and mlock change shows", () => {
    const process = spawn();
    const address = must(process.mmap({ length: 3 * PAGE }));
    must(process.mprotect(address + BigInt(PAGE), PAGE, "r"));
    expect(process.maps().trim().split("\n")).toHaveLength(3);
    must(process.mlock(address, PAGE));
    expect(said(process.madvise(address, PAGE, "MADV_DONTNEED"))).toBe("EINVAL");
    must(process.munlock(address, PAGE));
    expect(said(process.madvise(address, PAGE, "MADV_DONTNEED"))).toBe(0);
    must(process.munmap(address, 3 * PAGE));
    expect(process.maps()).toBe("");
  });
});

describe("views of memory", () => {
  test("smaps, status and pagemap tell of the same pages", () => {
    const process = spawn();
    const address = must(process.mmap({ length: 4 * PAGE }));
    must(process.touch(address, 2 * PAGE));
    must(process.touch(address + BigInt(2 * PAGE), PAGE, "read"));
    expect(process.smaps()).toMatch(/^Rss: +8 kB$/m);
    expect(process.smaps().startsWith(process.maps())).toBe(true);
    expect(process.status()).toMatch(/^VmSize:\t +16 kB$/m);
    expect(process.status()).toMatch(/^RssAnon:\t +8 kB$/m);
    const entries = process.pagemap(address + 1n, 3 * PAGE);
    const present = [0, 1, 2, 3].map((page) => (entries[page * 8 + 7] ?? 0) >> 7);
    expect(present).toEqual([1, 1, 1, 0]);
    expect(process.pagemap(address, 3 * PAGE)).toHaveLength(3 * 8);
  });

  test("say nothing of one that was never mapped to, or is dead", () => {
    const process = spawn();
    expect([process.smaps(), process.pagemap(0, PAGE)]).toEqual(["", new Uint8Array(8)]);
    expect(process.status()).toMatch(/^VmSize:\t +0 kB$/m);
    const child = must(process.fork());
    child.exit();
    expect([child.smaps(), child.status(), child.pagemap(0, PAGE)]).toEqual([
      "",
      "",
      new Uint8Array(),
    ]);
  });
});

describe("life and death", () => {
  test("exit leaves a zombie, wait takes it", () => {
    const process = spawn();
    const child = must(process.fork());
    expect(said(process.wait(-1, 1))).toBe(0);
    child.exit(7);
    expect(must(process.wait())).toBe(child.pid);
    expect(said(process.wait())).toBe("ECHILD");
  });

  test("the status tells how: an exit code, or a signal", () => {
    const process = spawn();
    const status = new Uint8Array(4);
    const statusOf = (end: (child: Process) => void): number => {
      end(must(process.fork()));
      const { outputs } = process.call("wait4", -1, status, 0, 0);
      return outputs[1]![0] + outputs[1]![1] * 256;
    };
    expect(statusOf((child) => child.exit(3))).toBe(0x300);
    expect(statusOf((child) => child.kill(SIG.SIGKILL))).toBe(9);
  });

  test("a thread is no child: it shares memory and descriptors, and has a number of its own", () => {
    const process = spawn();
    const flags = CLONE.CLONE_VM | CLONE.CLONE_FILES | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    const thread = must(process.clone(flags));
    const address = must(thread.mmap({ length: PAGE }));
    must(thread.store(address, "seen"));
    expect(text(must(process.load(address, 4)))).toBe("seen");
    expect(must(thread.call("getpid").outcome)).toBe(process.pid);
    expect(must(thread.call("gettid").outcome)).toBe(thread.pid);
    expect(said(process.wait())).toBe("ECHILD");
  });

  test("exec begins with empty memory and without the pidfds", () => {
    const process = spawn();
    must(process.mmap({ length: PAGE }));
    const pidfd = must(process.pidfdOpen(process.pid));
    must(process.exec());
    expect(process.maps()).toBe("");
    expect(said(process.close(pidfd))).toBe("EBADF");
  });

  test("ids can be given away and not taken back", () => {
    const process = spawn();
    must(process.setresgid(50, 50, 50));
    must(process.setresuid(1000, 1000, 1000));
    expect(said(process.setresuid(0, 0, 0))).toBe("EPERM");
    expect(said(process.setresgid(0, 0, 0))).toBe("EPERM");
    expect(must(process.prctl("PR_SET_DUMPABLE", 1))).toBe(0);
  });
});

describe("registers", () => {
  test("a call by number reads its pointers from the process' own memory", () => {
    const process = spawn();
    const address = must(process.mmap({ length: PAGE }));
    const GETRESUID = 118;
    must(process.setresuid(1, 2, 3));
    expect(said(process.syscall(GETRESUID, address, address + 4n, address + 8n))).toBe(0);
    expect([...new Uint32Array(must(process.load(address, 12)).slice().buffer)]).toEqual([1, 2, 3]);
    expect(said(process.syscall(GETRESUID, 8, 8, 8))).toBe("EFAULT");
  });

  test("numbers are the gate's: 219 is madvise for a 32-bit caller", () => {
    const process = spawn();
    const address = must(process.mmap({ length: PAGE, address: 0x10_0000, flags: 0x32 }));
    expect(said(process.syscall(28, address, PAGE, 20))).toBe(0);
    process.abi = "i386";
    expect(said(process.syscall(219, address, PAGE, 20))).toBe(0);
    expect([process.knows(219), process.knows(9999)]).toEqual([true, false]);
    expect(why(process.syscall(9999))).toBe("syscall/unknown");
  });

  test.each(["5.8", "5.9"])("%s has no process_madvise", (release) => {
    const process = new Kernel({ release }).spawn();
    expect(said(process.processMadvise(0, [], "MADV_COLD"))).toBe("ENOSYS");
  });
});

test("must() throws what Node's own errors look like", () => {
  const process = spawn();
  const attempt = (): bigint => must(process.mmap({ length: 0 }));
  expect(attempt).toThrow(KernelError);
  expect(attempt).toThrow("EINVAL: the length is zero, mmap");
  try {
    attempt();
  } catch (error) {
    expect(error).toMatchObject({ code: "EINVAL", errno: 22, syscall: "mmap" });
  }
});

test("a fork in a pid namespace leads to the child, whatever it is called there", () => {
  const kernel = new Kernel({ release: "6.12" });
  const outside = kernel.spawn();
  const first = must(outside.clone(CLONE.CLONE_NEWPID | SIG.SIGCHLD));
  const second = must(first.fork());
  expect([first, second].map((process) => must(process.call("getpid").outcome))).toEqual([1, 2]);
  expect([first.pid, second.pid]).toEqual([outside.pid + 1, outside.pid + 2]);
});
