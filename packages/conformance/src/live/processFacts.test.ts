import { describe, expect, test } from "vitest";
import { readProcess } from "./processFacts.ts";
import { fakeFiles, statusText } from "./testing/fakeFiles.ts";

const ROOTS = { Uid: "0\t0\t0\t0", Gid: "0\t0\t0\t0" };

describe("whether a process is dumpable", () => {
  // What files below /proc belong to was looked up on 6.18 with prctl(PR_SET_DUMPABLE, 0 and 1).
  test.each<[string, { [name: string]: string }, string, string, 0 | 1 | "unknown"]>([
    ["its own files: yes", {}, "1000 1000 292", "0 0 4294967295", 1],
    ["files of root: no", {}, "0 0 292", "0 0 4294967295", 0],
    ["root's own process: its files tell nothing", ROOTS, "0 0 292", "0 0 4294967295", "unknown"],
    [
      "root with another group: yes",
      { ...ROOTS, Gid: "5\t5\t5\t5" },
      "0 5 292",
      "0 0 4294967295",
      1,
    ],
    ["effective ids count", { Uid: "1\t1000\t1\t1" }, "1000 1000 292", "0 0 4294967295", 1],
    ["the root of its namespace tells nothing", {}, "1000 1000 292", "0 1000 1", "unknown"],
  ])("%s", (_, changes, owner, map, dumpable) => {
    const files = fakeFiles(
      { "/proc/7/status": statusText(changes), "/proc/7/uid_map": map },
      { "/proc/7/status": owner },
    );
    expect(readProcess(files, 7)?.dumpable).toBe(dumpable);
  });

  test("nobody can tell where even that cannot be seen", () => {
    expect(readProcess(fakeFiles({ "/proc/7/status": statusText() }), 7)?.dumpable).toBe("unknown");
  });
});

describe("what a process is", () => {
  const read = (changes: { [name: string]: string }, without: readonly string[] = []) => {
    const text = statusText(changes)
      .split("\n")
      .filter((line) => !without.some((name) => line.startsWith(`${name}:`)))
      .join("\n");
    return readProcess(fakeFiles({ "/proc/7/status": text }), 7);
  };

  test("a kernel thread has no memory, and says so from 6.10 on", () => {
    expect(read({ Kthread: "1" }, ["VmSize"])).toMatchObject({
      isKernelThread: true,
      hasMemory: false,
    });
    expect(read({}, ["VmSize", "Kthread"])).toMatchObject({ isKernelThread: true });
  });

  test("a zombie has no memory and is no kernel thread", () => {
    expect(read({ State: "Z (zombie)" }, ["VmSize", "Kthread"])).toMatchObject({
      ...{ isKernelThread: false, hasMemory: false, state: "Z" },
    });
  });

  test("a thread names its group", () => {
    expect(read({ Tgid: "3" })?.threadGroup).toBe(3);
  });

  test("one that is gone is nobody", () => {
    expect(readProcess(fakeFiles({}), 7)).toBeUndefined();
  });

  test("what could not be read is told, with the error", () => {
    expect(read({})?.lacks).toMatchObject({ maps: "ENOENT", smaps: "ENOENT", "ns/user": "ENOENT" });
    expect(read({}, ["VmSize"])?.lacks).not.toHaveProperty("maps");
  });

  test("a label counts where it says anything", () => {
    const labelled = (text: string) =>
      readProcess(fakeFiles({ "/proc/7/status": statusText(), "/proc/7/attr/current": text }), 7)
        ?.label;
    expect(labelled("unconfined\n")).toBe("unconfined");
    expect(labelled("u:r:app:s0\0")).toBe("u:r:app:s0");
    expect(labelled("\n")).toBeUndefined();
  });
});
