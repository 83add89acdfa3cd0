import { Journal } from "@kadvise/ports";
import { F_SEAL } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { Inode } from "./inode.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i % 250) + 1);

describe("a page of a file", () => {
  const inode = new Inode({ content: bytes(4096 + 10) });

  test("has the contents of the disk", () => {
    expect(inode.load(0)).toEqual(bytes(4096));
  });

  test("that the file ends in reads as zeros behind the end", () => {
    const page = inode.load(1)!;
    expect(page).toHaveLength(4096);
    expect([...page.subarray(8, 12)]).toEqual([bytes(4106)[4104], bytes(4106)[4105], 0, 0]);
    expect(page.subarray(10).every((byte) => byte === 0)).toBe(true);
  });

  test("behind the end has none", () => {
    expect(inode.load(2)).toBeUndefined();
    expect(new Inode().load(0)).toBeUndefined();
  });

  test("is one's own copy: who writes to it does not write to the disk", () => {
    inode.load(0)!.fill(0);
    expect(inode.load(0)).toEqual(bytes(4096));
  });

  test("is as large as the machine's pages are", () => {
    const large = new Inode({ content: bytes(70_000) }, 65_536);
    expect([large.load(0)?.length, large.load(1)?.length, large.load(2)]).toEqual([
      65_536,
      65_536,
      undefined,
    ]);
    expect(large.load(1)?.[70_000 - 65_536 - 1]).toBe(bytes(70_000).at(-1));
  });
});

describe("a page that was written back", () => {
  test("is what the disk has from then on, also behind its former end", () => {
    const inode = new Inode({ content: bytes(10) });
    inode.store(0, Uint8Array.of(9));
    inode.store(5, Uint8Array.of(8));
    expect([inode.load(0), inode.load(5), inode.load(4)]).toEqual([
      Uint8Array.of(9),
      Uint8Array.of(8),
      undefined,
    ]);
  });

  test("reads as zeros once a hole was punched there", () => {
    const inode = new Inode({ content: bytes(8192) });
    inode.store(1, new Uint8Array());
    expect(inode.load(1)).toBeUndefined();
    expect(inode.load(0)).toEqual(bytes(4096));
  });
});

describe("the size", () => {
  test.each([
    ["of the contents", { content: bytes(12) }, 12],
    ["that was stated, whatever the contents", { content: bytes(12), sizeBytes: 5000 }, 5000],
    ["nothing", {}, 0],
  ])("is %s", (_, options, size) => {
    expect(new Inode(options).sizeBytes).toBe(size);
  });

  test("may be a thing that nobody stated", () => {
    expect(new Inode({ sizeBytes: Number.NaN }).sizeBytes).toBeNaN();
  });

  test("is the old one again behind an attempt to change it", () => {
    const journal = new Journal();
    const inode = new Inode({ sizeBytes: 100 });
    journal.attempt(() => {
      inode.resize(journal, 0);
      expect(inode.sizeBytes).toBe(0);
    });
    expect(inode.sizeBytes).toBe(100);
  });
});

describe("seals", () => {
  test("of a file that nobody made sealable: it is sealed against sealing, as Linux has it", () => {
    expect(new Inode().seals).toBe(F_SEAL.F_SEAL_SEAL);
    expect(new Inode().writeSealed).toBe(false);
  });

  test.each([
    ["F_SEAL_WRITE", true],
    ["F_SEAL_FUTURE_WRITE", true],
    ["F_SEAL_SHRINK", false],
    ["F_SEAL_GROW", false],
    ["F_SEAL_EXEC", false],
  ] as const)("%s keeps writing out of mappings: %s", (name, sealed) => {
    const inode = new Inode({ seals: 0 });
    inode.seal(new Journal(), F_SEAL[name]);
    expect(inode.writeSealed).toBe(sealed);
  });

  test("add up, and an attempt takes only its own back", () => {
    const journal = new Journal();
    const inode = new Inode({ seals: 0 });
    inode.seal(journal, F_SEAL.F_SEAL_GROW);
    journal.attempt(() => {
      inode.seal(journal, F_SEAL.F_SEAL_SHRINK);
      expect(inode.seals).toBe(F_SEAL.F_SEAL_GROW | F_SEAL.F_SEAL_SHRINK);
    });
    expect(inode.seals).toBe(F_SEAL.F_SEAL_GROW);
  });
});

test("a file is root's, readable by all, and a hole may be punched, unless stated otherwise", () => {
  const { kind, mode, uid, gid, number, canPunch, appendOnly } = new Inode();
  expect({ kind, mode, uid, gid, number, canPunch, appendOnly }).toEqual({
    kind: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    number: 0,
    canPunch: true,
    appendOnly: false,
  });
  const stated = { kind: "secret", mode: 0o600, uid: 7, gid: 8, number: 9 } as const;
  expect(new Inode({ ...stated, canPunch: false, appendOnly: true })).toMatchObject({
    ...stated,
    canPunch: false,
    appendOnly: true,
  });
});
