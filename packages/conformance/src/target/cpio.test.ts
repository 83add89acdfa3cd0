import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cpioArchive, type CpioEntry } from "./cpio.ts";

/** Unpacks as the kernel's init/initramfs.c reads: header, name, content, each aligned to four. */
function unpack(archive: Uint8Array): readonly CpioEntry[] {
  const buffer = Buffer.from(archive);
  const entries: CpioEntry[] = [];
  for (let at = 0; ;) {
    expect(buffer.toString("latin1", at, at + 6)).toBe("070701");
    const field = (i: number): number =>
      Number.parseInt(buffer.toString("latin1", at + 6 + i * 8, at + 14 + i * 8), 16);
    const nameAt = at + 110;
    const path = buffer.toString("latin1", nameAt, nameAt + field(11) - 1);
    const contentAt = Math.ceil((nameAt + field(11)) / 4) * 4;
    const content = buffer.subarray(contentAt, contentAt + field(6));
    if (path === "TRAILER!!!") return entries;
    const device = { major: field(9), minor: field(10) };
    entries.push({ path, mode: field(1), content: new Uint8Array(content), device });
    at = Math.ceil((contentAt + field(6)) / 4) * 4;
  }
}

const entry = fc.record({
  path: fc.stringMatching(/^[a-z]{1,9}$/),
  mode: fc.constantFrom(0o100644, 0o104755, 0o040755),
  content: fc.uint8Array({ maxLength: 20 }),
  device: fc.record({ major: fc.nat(255), minor: fc.nat(255) }),
});

test("a kernel unpacks what went in", () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      expect(unpack(cpioArchive(entries))).toEqual(entries);
    }),
  );
});

test("cpio lists it too", ({ skip }) => {
  const archive = cpioArchive([
    { path: "dev", mode: 0o040755 },
    { path: "init", mode: 0o100755, content: Buffer.from("#!") },
  ]);
  const { error, stdout } = spawnSync("cpio", ["-it", "--quiet"], { input: archive });
  skip(error !== undefined, "there is no cpio here");
  expect(stdout.toString()).toBe("dev\ninit\n");
});

test("every file has an inode of its own: equal ones would be links", () => {
  const archive = Buffer.from(
    cpioArchive([1, 2, 3].map((i) => ({ path: `f${i}`, mode: 0o100644 }))),
  );
  const inodes = [...archive.toString("latin1").matchAll(/070701(.{8})/g)].map(
    ([, inode]) => inode,
  );
  expect(new Set(inodes).size).toBe(inodes.length);
});
