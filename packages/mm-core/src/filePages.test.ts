import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { file, opened, PAGE, space } from "./testing/world.ts";

const B = 510;

function resident(mm: AddressSpace, pages = 4): string {
  return must(mm.residency(B, pages)).join("");
}

const stranger = {
  capable: () => false,
  ownsOrMayWrite: () => false,
  limit: () => Number.POSITIVE_INFINITY,
  fatalSignalPending: () => false,
};

describe("pages of files", () => {
  const content = (index: number): Uint8Array => new Uint8Array(PAGE).fill(65 + index);

  test("a read maps the neighbours that are cached, within 64 KiB", () => {
    const mm = space();
    const backing = file(32, { load: content });
    must(mm.map({ at: 4096, pages: 32, prot: "r", flags: 0x12, backing }));
    must(mm.advise(4096, 32, "MADV_WILLNEED"));
    expect(mm.filePages).toBe(0);
    must(mm.touch(4097, "read"));
    expect(mm.filePages).toBe(16);
  });

  test("a clean page leaves the cache when it is paged out, a dirty one only the mapping", () => {
    const mm = space();
    const backing = file(4, { load: content });
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x11, backing }));
    must(mm.touch(B, "read"));
    must(mm.touch(B + 1, "write"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect([mm.filePages, resident(mm)]).toEqual([0, "0100"]);
    expect(mm.memory.tally.read()).toMatchObject({ acted: 1, skipped: { "dirty-file": 1 } });
    must(mm.sync(B, 4, false, false, true));
    must(mm.touch(B + 1, "read"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(resident(mm)).toBe("0000");
  });

  test("what msync wrote is on the disk, and is what comes back", () => {
    const mm = space();
    const backing = file(2, { load: content });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x11, backing }));
    must(mm.write(B, "hi"));
    must(mm.sync(B, 2, false, false, true));
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(resident(mm, 2)).toBe("00");
    expect(String.fromCharCode(...must(mm.read(B, 3)))).toBe("hiA");
  });

  test("a private write copies, DONTNEED brings the file's bytes back", () => {
    const mm = space();
    const backing = file(2, { load: content });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x12, backing }));
    must(mm.write(B, "mine"));
    expect([mm.anonymousPages, mm.filePages]).toEqual([1, 0]);
    must(mm.advise(B, 2, "MADV_DONTNEED"));
    expect(String.fromCharCode(...must(mm.read(B, 4)))).toBe("AAAA");
  });

  test("behind its end a file answers with SIGBUS, and populating with EFAULT", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x11, backing: file(2) }));
    expect(mm.touch(B + 2)).toMatchObject({ reason: { id: "access/beyond-end" } });
    expect(mm.advise(B, 4, "MADV_POPULATE_READ")).toMatchObject({
      code: "EFAULT",
      reason: { id: "madvise/populate-fault", compared: { address: "0x200000" } },
      because: { reason: { id: "access/beyond-end" } },
    });
    expect(mm.filePages).toBe(2);
  });

  test("MADV_REMOVE takes the page from everybody but who copied it", () => {
    const mm = space();
    const backing = file(2, { load: content });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x11, backing }));
    must(mm.map({ at: B + 10, pages: 2, prot: "rw", flags: 0x12, backing }));
    must(mm.touch(B + 11, "read"));
    must(mm.write(B + 10, "mine"));
    must(mm.advise(B, 2, "MADV_REMOVE"));
    expect(must(mm.read(B, 2))).toEqual(Uint8Array.of(0, 0));
    expect(must(mm.read(B + 11, 2))).toEqual(Uint8Array.of(0, 0));
    expect(String.fromCharCode(...must(mm.read(B + 10, 4)))).toBe("mine");
  });

  test.each([
    ["6.1", 1],
    ["6.12", 0],
  ])(
    "on %s a stranger's PAGEOUT of a private mapping leaves %i private copies",
    (release, left) => {
      const mm = space(release);
      const backing = opened(file(2, { load: content }).object, { writable: false });
      must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x12, backing }));
      must(mm.touch(B));
      must(mm.touch(B + 1, "read"));
      must(mm.advise(B, 2, "MADV_PAGEOUT", stranger));
      expect([mm.anonymousPages, mm.filePages]).toEqual([left, 1]);
    },
  );

  test("mincore tells a stranger nothing: every page of the file is resident", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing: file(2) }));
    expect(must(mm.residency(B, 2, stranger)).join("")).toBe("11");
    expect(resident(mm, 2)).toBe("00");
  });

  test("a read behind the end of a file maps what is cached before it, and fails", () => {
    const mm = space();
    const backing = file(1, { kind: "shmem" });
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: 0x11, backing }));
    must(mm.write(B, "x"));
    must(mm.map({ at: 2 * B, pages: 3, prot: "rw", flags: 0x11, backing }));
    expect(mm.touch(2 * B + 2, "write").ok).toBe(false);
    expect(mm.sharedPages).toBe(1);
    expect(mm.touch(2 * B + 2, "read").ok).toBe(false);
    expect(mm.sharedPages).toBe(2);
  });

  test("mincore says of every page of the kernel's own mappings that it is resident", () => {
    const mm = space();
    const backing = file(2, { kind: "special" });
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing }));
    expect(resident(mm, 2)).toBe("11");
    expect(mm.filePages).toBe(0);
  });

  test("shared memory that was written goes to swap and comes back for all who map it", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x31 }));
    must(mm.write(B, "both"));
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect([mm.sharedPages, mm.swapEntries]).toEqual([0, 0]);
    expect(mm.memory.swap.slots.size).toBe(1);
    const child = mm.fork();
    expect(String.fromCharCode(...must(child.read(B, 4)))).toBe("both");
    expect(mm.memory.swap.slots.size).toBe(0);
  });
});
