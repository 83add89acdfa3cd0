import { Journal } from "@kadvise/ports";
import { O } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Inode } from "./inode.ts";
import { OpenFile } from "./openFile.ts";

const opened = (flags: number): OpenFile => new OpenFile(new Inode(), { flags, path: "/tmp/f" });

// Linux: include/linux/fs.h OPEN_FMODE; access mode 3 permits neither read nor write.
test.each([
  ["O_RDONLY", O.O_RDONLY, true, false],
  ["O_WRONLY", O.O_WRONLY, false, true],
  ["O_RDWR", O.O_RDWR, true, true],
  ["O_RDWR|O_APPEND|O_CLOEXEC", O.O_RDWR | O.O_APPEND | O.O_CLOEXEC, true, true],
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
