import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Kernel } from "./kernel.ts";

describe("spawn", () => {
  test("a process out of nothing is root, has empty memory, and a terminal on 0 to 2", () => {
    const process = new Kernel({ release: "6.12" }).spawn();
    const ids = process.call("getresuid", new Uint8Array(4), new Uint8Array(4), new Uint8Array(4));
    expect(ids.outputs.map((bytes) => bytes?.[0])).toEqual([0, 0, 0]);
    expect(process.maps()).toBe("");
    expect(must(process.pidfdOpen(process.pid))).toBe(3);
  });

  test("the ids that are asked for are all four ids of the process", () => {
    const process = new Kernel({ release: "6.12" }).spawn({ uid: 10_001, gid: 50 });
    const answers = ["getuid", "geteuid", "getgid", "getegid"].map((name) =>
      must(process.call(name).outcome),
    );
    expect(answers).toEqual([10_001, 10_001, 50, 50]);
  });

  test("processes get ascending numbers, and find() knows them until they are waited for", () => {
    const kernel = new Kernel({ release: "6.12", firstPid: 500 });
    const [first, second] = [kernel.spawn(), kernel.spawn({ name: "second" })];
    expect([first.pid, second.pid]).toEqual([500, 501]);
    expect(kernel.find(501)?.name).toBe("second");
    const child = must(second.fork());
    child.exit(3);
    expect(kernel.pids).toContain(child.pid);
    expect(must(second.wait())).toBe(child.pid);
    expect(kernel.pids).toEqual([500, 501]);
    expect(kernel.find(child.pid)).toBeUndefined();
  });

  test("a number of one's own choice is taken as it is", () => {
    const kernel = new Kernel({ release: "6.12" });
    expect(kernel.spawn({ pid: 4242 }).pid).toBe(4242);
    expect(kernel.find(4242)?.pid).toBe(4242);
  });
});

describe("misuse throws and says what was expected", () => {
  test("an unknown call, an unknown release, a process that is gone", () => {
    const kernel = new Kernel({ release: "6.12" });
    const process = kernel.spawn();
    expect(() => process.call("process_madvice")).toThrow(
      'expected the name of a modelled system call such as "madvise", got "process_madvice"',
    );
    expect(() => new Kernel({ release: "6.x" })).toThrow(RangeError);
    process.exit();
    expect(() => process.mmap({ length: 4096 })).toThrow(RangeError);
  });
});
