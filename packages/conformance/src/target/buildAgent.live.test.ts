import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildAgent } from "./buildAgent.ts";

/** Bytes 18 and 19 of an ELF file: the machine. Linux: include/uapi/linux/elf-em.h */
const MACHINES = { "x86-64": 62, arm64: 183 };

for (const [machine, compilers] of [
  ["x86-64", ["cc", "x86_64-linux-gnu-gcc"]],
  ["arm64", ["cc", "aarch64-linux-gnu-gcc"]],
] as const) {
  test(`the agent compiles for ${machine}, without a warning`, ({ skip }) => {
    const compiler = compilers.find((name) => compilesFor(name, machine));
    if (compiler === undefined) return skip(`no compiler for ${machine}`);
    const cache = mkdtempSync(join(tmpdir(), "kadvise-build-"));
    try {
      const image = readFileSync(buildAgent({ compiler, cache }));
      expect(image.subarray(1, 4).toString()).toBe("ELF");
      expect(image.readUInt16LE(18)).toBe(MACHINES[machine]);
      expect(image.length).toBeLessThan(200_000);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
}

function compilesFor(compiler: string, machine: keyof typeof MACHINES): boolean {
  const { error, stdout } = spawnSync(compiler, ["-dumpmachine"], { encoding: "utf8" });
  return error === undefined && stdout.startsWith(machine === "arm64" ? "aarch64" : "x86_64");
}
