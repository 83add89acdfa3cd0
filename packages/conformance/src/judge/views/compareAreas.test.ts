import { Inode, OpenFile } from "@kadvise/files";
import { AddressSpace, Memory } from "@kadvise/mm-core";
import { profile, USUAL_SETTINGS } from "@kadvise/releases";
import { must, O } from "@kadvise/uapi";
import { expect, test } from "vitest";
import type { ObservedArea } from "../../target/startState.ts";
import { compareAreas } from "./compareAreas.ts";

const [PRIVATE, SHARED] = [0x12, 0x11];

/** Maps shows one page, read-only, of this device and inode. */
function shown(page: number, permissions: string, identity: string, name: string): ObservedArea {
  return {
    ...{ start: page * 4096, end: (page + 1) * 4096, permissions, offset: 0, identity, name },
    ...{ vmFlags: [], hasAnonymous: false, anonymousPages: 0 },
  };
}

/** What speaks against a private and a shared mapping of one open file that show two files. */
function differenceOf(path: string): string | undefined {
  const memory = new Memory({ features: profile("6.18.44").mm, settings: USUAL_SETTINGS });
  const mm = new AddressSpace({ memory });
  const inode = new Inode({ kind: "file", sizeBytes: 8192 });
  const backing = new OpenFile(inode, { flags: O.O_RDWR, path });
  must(mm.map({ at: 100, pages: 1, prot: "r", flags: PRIVATE, backing }));
  must(mm.map({ at: 102, pages: 1, prot: "r", flags: SHARED, backing }));
  const areas = [shown(100, "r--p", "00:06 4", path), shown(102, "r--s", "00:01 9", path)];
  const span = { from: 100, to: 103, isLate: false, mayBeCut: false };
  return compareAreas(mm, areas, span, new WeakMap()).difference;
}

test("two mappings of one open file show one file", () => {
  expect(differenceOf("/tmp/x")).toMatch(/ shows the file 00:06 4$/);
  // A file of its own that lies in memory, and no device.
  expect(differenceOf("/dev/shm/x")).toMatch(/ shows the file 00:06 4$/);
});

test("of a device each shared mapping may show a file of its own", () => {
  expect(differenceOf("/dev/zero")).toBeUndefined();
});
