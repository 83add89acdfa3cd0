import { MAP, must, type Result } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { protectionBits } from "./addressSpace.ts";
import { VM_DONTDUMP, VM_WIPEONFORK } from "./flags.ts";
import { areasOf, file, opened, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function said(result: Result<unknown>): string {
  return result.ok ? "ok" : `${result.code} ${result.reason.id}`;
}

describe("arguments that are none", () => {
  test("are misuse, and throw", () => {
    const mm = space();
    expect(() => mm.unmap(-1, 2)).toThrow(/page index/);
    expect(() => mm.unmap(0.5, 2)).toThrow(RangeError);
    expect(() => mm.lock(1, -1)).toThrow(/number of pages/);
    expect(() => mm.advise(1, 1, "MADV_COOL" as "MADV_COLD")).toThrow(/MADV_COLD/);
    expect(() => mm.map({ pages: 1, prot: "rq" })).toThrow(TypeError);
  });

  test("an empty range is nothing, whatever lies there", () => {
    const mm = space();
    for (const call of [mm.advise(9, 0, "MADV_COLD"), mm.lock(9, 0), mm.unlock(9, 0)])
      expect(call.ok).toBe(true);
    expect(mm.sync(9, 0, true, true).ok).toBe(true);
  });

  test("protection is written as people write it", () => {
    expect(["rw", "r-x", "none", "", "---", 5].map(protectionBits)).toEqual([3, 5, 0, 0, 0, 5]);
  });
});

describe("reading and writing bytes", () => {
  test("goes on over page edges, and what was written before a refusal stays", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.write(B, "abcdef", 4093));
    expect(String.fromCharCode(...must(mm.read(B + 1, 3)))).toBe("def");
    expect(said(mm.write(B + 1, "uvwxyz", 4093))).toBe("EFAULT access/no-area");
    expect(String.fromCharCode(...must(mm.read(B + 1, 3, 4093)))).toBe("uvw");
    must(mm.write(B, "é€😀"));
    expect(new TextDecoder().decode(must(mm.read(B, 9)))).toBe("é€😀");
  });

  test("memory that may be written or executed may be read; only executable may be executed", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "w", flags: FIXED }));
    must(mm.map({ at: B + 1, pages: 1, prot: "x", flags: FIXED }));
    expect([B, B + 1].map((page) => said(mm.touch(page, "read")))).toEqual(["ok", "ok"]);
    expect(said(mm.touch(B, "execute"))).toBe("EFAULT access/protection");
    expect(said(mm.touch(B + 1, "execute"))).toBe("ok");
    expect(said(mm.touch(B + 1, "write"))).toBe("EFAULT access/protection");
  });
});

describe("mprotect", () => {
  test("with PROT_GROWSDOWN reaches down to the start of a stack, and refuses others", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED | MAP.MAP_GROWSDOWN }));
    must(mm.map({ at: B + 9, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.protect(B + 2, 1, 0x0100_0001));
    expect(areasOf(mm, B)).toBe("0-3 r, 3-4 rw, 9-13 rw");
    expect(said(mm.protect(B + 9, 1, 0x0100_0001))).toBe("EINVAL mprotect/not-growsdown");
    expect(said(mm.protect(B + 9, 1, 0x0200_0001))).toBe("EINVAL mprotect/grows-up");
  });

  test("never makes writable memory executable once that is denied", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    must(mm.map({ at: B + 1, pages: 1, prot: "rx", flags: FIXED }));
    mm.denyWriteExec = true;
    expect(said(mm.protect(B, 1, "rx"))).toBe("EACCES mprotect/write-exec");
    expect(said(mm.protect(B + 1, 1, "rwx"))).toBe("EACCES mprotect/write-exec");
    expect(said(mm.protect(B + 1, 1, "r"))).toBe("ok");
    expect(said(mm.map({ pages: 1, prot: "rwx" }))).toBe("EACCES mmap/write-exec");
  });

  test("keeps a write from pages that were writable, and gives it back without a fault's copy", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    must(mm.write(B, "kept"));
    const frame = mm.pages.valueOf(B);
    must(mm.protect(B, 1, "r"));
    expect(said(mm.touch(B))).toBe("EFAULT access/protection");
    must(mm.protect(B, 1, "rw"));
    must(mm.touch(B));
    expect(mm.pages.valueOf(B)).toBe(frame);
  });
});

describe("msync", () => {
  const laid = () => {
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    must(mm.map({ at: B + 2, pages: 1, prot: "rw", flags: 0x11, backing: file(1) }));
    return mm;
  };

  test("writes behind a hole all the same, and names the hole in the end", () => {
    const mm = laid();
    must(mm.touch(B + 2));
    expect(said(mm.sync(B, 3, false, false, true))).toBe("ENOMEM msync/hole");
    must(mm.advise(B + 2, 1, "MADV_PAGEOUT"));
    expect(must(mm.residency(B + 2, 1))[0]).toBe(0);
  });

  test("is the file's alone: a private mapping of it writes nothing back", () => {
    const backing = file(1);
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: 0x11, backing }));
    must(mm.map({ at: B + 2, pages: 1, prot: "rw", flags: 0x12, backing }));
    must(mm.touch(B));
    must(mm.sync(B + 2, 1, false, false, true));
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    expect(must(mm.residency(B, 1))[0]).toBe(1);
  });

  test("with MS_ASYNC alone stops at the hole, before what it would object to", () => {
    const mm = laid();
    must(mm.lock(B + 2, 1));
    expect(said(mm.sync(B, 3, true, true))).toBe("ENOMEM msync/hole");
    expect(said(mm.sync(B, 3, true, false))).toBe("EBUSY msync/locked");
    expect(said(mm.sync(B + 2, 1, false, false))).toBe("ok");
  });
});

describe("types of mappings", () => {
  const anonymous = (type: number, release = "6.12"): string =>
    said(space(release).map({ pages: 1, prot: "rw", flags: 0x20 | type }));

  test.each([
    [MAP.MAP_PRIVATE, "ok"],
    [MAP.MAP_SHARED, "ok"],
    [0, "EINVAL mmap/bad-type"],
    [MAP.MAP_SHARED_VALIDATE, "EINVAL mmap/bad-type"],
    [MAP.MAP_PRIVATE | MAP.MAP_DROPPABLE, "EINVAL mmap/bad-type"],
    [MAP.MAP_SHARED | MAP.MAP_GROWSDOWN, "EINVAL mmap/type-forbids-flag"],
    [MAP.MAP_DROPPABLE | MAP.MAP_LOCKED, "EINVAL mmap/type-forbids-flag"],
  ])("anonymous memory with flags %i: %s", (type, is) => {
    expect(anonymous(type)).toBe(is);
  });

  test("droppable memory is there from 6.11 on; it is wiped on fork and never dumped", () => {
    expect([anonymous(MAP.MAP_DROPPABLE, "6.10"), anonymous(MAP.MAP_DROPPABLE)]).toEqual([
      "EINVAL mmap/bad-type",
      "ok",
    ]);
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: 0x30 | MAP.MAP_DROPPABLE }));
    const wanted = VM_WIPEONFORK | VM_DONTDUMP;
    expect(mm.areas.flags[mm.areas.at(B)] & wanted).toBe(wanted);
  });

  test("MAP_POPULATE brings in what it can, and its failure is not mmap's", () => {
    const mm = space();
    const flags = 0x11 | MAP.MAP_POPULATE;
    must(mm.map({ at: B, pages: 4, prot: "rw", flags, backing: file(2) }));
    expect(mm.filePages).toBe(2);
    must(mm.map({ at: B + 8, pages: 2, prot: "none", flags: FIXED | MAP.MAP_POPULATE }));
    must(mm.map({ at: B + 16, pages: 2, prot: "r", flags: FIXED | MAP.MAP_POPULATE }));
    expect([mm.anonymousPages, must(mm.residency(B + 16, 2)).join("")]).toEqual([0, "11"]);
  });
});

describe("MADV_COLLAPSE", () => {
  const huge = (release: string, prepare: "touched" | "read" | "untouched"): string => {
    const mm = space(release);
    must(mm.map({ at: 1024, pages: 1024, prot: "rw", flags: FIXED }));
    if (prepare === "touched") must(mm.touch(1030));
    if (prepare !== "untouched") must(mm.touch(1031, "read"));
    return said(mm.advise(1024, 512, "MADV_COLLAPSE"));
  };

  test.each([
    ["6.12", "touched", "ok"],
    ["6.12", "untouched", "EINVAL madvise/collapse-unsuitable"],
    ["6.12", "read", "EINVAL madvise/collapse-unsuitable"],
  ] as const)("on %s of %s memory: %s", (release, prepare, is) => {
    expect(huge(release, prepare)).toBe(is);
  });

  test.each([
    ["6.12", "EINVAL madvise/collapse-unsuitable"],
    ["7.2", "ok"],
  ])("on %s of a range without a whole huge page in it: %s", (release, is) => {
    const mm = space(release);
    must(mm.map({ at: 1024, pages: 1024, prot: "rw", flags: FIXED }));
    must(mm.touch(1025));
    expect(said(mm.advise(1025, 510, "MADV_COLLAPSE"))).toBe(is);
    expect(said(mm.advise(1025, 1022, "MADV_COLLAPSE"))).toBe("ok");
  });
});

test("maps prints one line an area, as /proc does", () => {
  const mm = space();
  const backing = opened(file(4).object, { name: "/lib/x.so", identity: "08:01 42" });
  must(mm.map({ at: B, pages: 2, prot: "rx", flags: 0x12, backing, offsetPages: 1 }));
  must(mm.map({ at: B + 4, pages: 1, prot: "rw", flags: 0x31 }));
  expect(mm.maps().split("\n")).toEqual([
    "01000000-01002000 r-xp 00001000 08:01 42                                 /lib/x.so",
    "01004000-01005000 rw-s 00000000 00:01 1024                               /dev/zero (deleted)",
    "",
  ]);
});
