import { Journal } from "@kadvise/ports";
import { O } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Inode } from "./inode.ts";
import { OpenFile, UnstatedFile } from "./openFile.ts";

const opened = (flags: number): OpenFile => new OpenFile(new Inode(), { flags, path: "/tmp/f" });

// Linux: include/linux/fs.h OPEN_FMODE; access mode 3 permits neither read nor write.
test.each([
  ["O_RDONLY", O.O_RDONLY, true, false],
  ["O_WRONLY", O.O_WRONLY, false, true],
  ["O_RDWR", O.O_RDWR, true, true],
  ["O_RDWR|O_APPEND|O_CLOEXEC", O.O_RDWR | O.O_APPEND | O.O_CLOEXEC, true, true],
  ["access mode 3", 3, false, false],
  ["O_PATH", O.O_PATH, false, false],
  ["O_PATH|O_RDWR", O.O_PATH | O.O_RDWR, false, false],
])("a file opened with %s: readable and writable are as open said", (_, flags, read, write) => {
  const file = opened(flags);
  expect([file.readable, file.writable]).toEqual([read, write]);
});

describe("a descriptor of which nobody said what it names", () => {
  test("is no longer in doubt once it was stated", () => {
    const journal = new Journal();
    const file = new OpenFile(new Inode(), { flags: O.O_RDWR, path: "f", kindUnstated: true });
    file.state(journal, false);
    expect([file.mappable, file.kindUnstated]).toEqual([false, false]);
  });

  test("is in doubt again where the statement was only tried", () => {
    const journal = new Journal();
    const file = new OpenFile(new Inode(), { flags: O.O_RDWR, path: "f", kindUnstated: true });
    journal.attempt(() => file.state(journal, false));
    expect([file.mappable, file.kindUnstated]).toEqual([true, true]);
  });
});

describe("an open file", () => {
  test("can be mapped, executed, and is on no device, unless stated otherwise", () => {
    const { mappable, kindUnstated, noExec, identity, isPath } = opened(O.O_RDWR);
    expect({ mappable, kindUnstated, noExec, identity, isPath }).toEqual({
      mappable: true,
      kindUnstated: false,
      noExec: false,
      identity: "00:00 0",
      isPath: false,
    });
  });

  test("keeps its flags, its name, and what was stated of it", () => {
    const flags = O.O_RDWR | O.O_NONBLOCK;
    const inode = new Inode();
    const file = new OpenFile(inode, {
      flags,
      path: "/dev/shm/x",
      mappable: false,
      noExec: true,
      identity: "00:1a 77",
    });
    expect(file).toMatchObject({ flags, name: "/dev/shm/x", mappable: false, noExec: true });
    expect([file.object, file.identity]).toEqual([inode, "00:1a 77"]);
  });

  test("opened with O_PATH is a name and nothing else", () => {
    expect(opened(O.O_PATH | O.O_CLOEXEC).isPath).toBe(true);
  });
});

test("what nobody stated is told apart from a file", () => {
  expect([new UnstatedFile().kind, opened(O.O_RDONLY).kind]).toEqual(["unstated", "file"]);
});
