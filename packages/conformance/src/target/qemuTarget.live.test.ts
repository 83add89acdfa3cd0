import { readdirSync } from "node:fs";
import { ERRNO, MADV } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { ProgramBuilder, resultOf } from "../program/programBuilder.ts";
import type { Program } from "../program/program.ts";
import { CannotRun } from "./cannotRun.ts";
import { kernelsFolder } from "./kernelImage.ts";
import { QemuTarget } from "./qemuTarget.ts";

/** The oldest and the newest kernel that lie here. */
const releases = ((): readonly string[] => {
  try {
    const all = readdirSync(kernelsFolder()).filter((name) => /^\d+\.\d+$/.test(name));
    const key = (name: string): number => {
      const [major = 0, minor = 0] = name.split(".").map(Number);
      return major * 1000 + minor;
    };
    all.sort((a, b) => key(a) - key(b));
    return [...new Set([all[0], all.at(-1)])].filter((name) => name !== undefined);
  } catch {
    return [];
  }
})();

function program(build: (p: ProgramBuilder) => void): Program {
  const p = new ProgramBuilder();
  build(p);
  return p.build();
}

test("there are kernels to boot", ({ skip }) => {
  skip(releases.length === 0, `no kernels in ${kernelsFolder()}`);
  expect(releases[0]).toMatch(/^\d/);
});

for (const release of releases) {
  test(`one boot of ${release} serves many programs, pages to swap, and may go down`, async ({
    skip,
  }) => {
    let target: QemuTarget;
    try {
      target = new QemuTarget({ release });
    } catch (error) {
      if (error instanceof CannotRun) return skip(error.message);
      throw error;
    }
    try {
      const facts = await target.describe();
      expect(facts.kernel.startsWith(`${release}.`)).toBe(true);
      expect(facts.settings.swap).toBe(true);

      const calls = program((p) => {
        const area = p.call(0, "mmap", [0, 4096, 3, 0x22, -1, 0]);
        p.touch(0, resultOf(area), 1);
        p.call(0, "madvise", [resultOf(area), 4096, MADV.MADV_PAGEOUT]);
        p.call(0, "munmap", [resultOf(area), 0]);
        p.call(0, "getpid", [], { gate: "i386" });
      });
      const results = await target.run(Array<Program>(200).fill(calls));
      expect(new Set(results.map(({ end }) => end))).toEqual(new Set(["complete"]));
      const [first, ...others] = results.map(({ operations }) => operations.slice(0, 4));
      expect(first?.map(({ value }) => Number(value)).slice(1)).toEqual([1, 0, -ERRNO.EINVAL]);
      for (const other of others) expect(other).toEqual(first);

      const panic = program((p) =>
        p.add({ kind: "write", actor: 0, path: "/proc/sysrq-trigger", text: "c" }),
      );
      const after = await target.run([calls, panic, calls]);
      expect(after.map(({ end }) => end)).toEqual(["complete", "crashed", "complete"]);
      expect(after[1]?.console).toContain("sysrq");
    } finally {
      await target.close();
    }
  });
}
