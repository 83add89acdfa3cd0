import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { machineOf } from "./testing/machine.ts";
import { MODEL } from "./testing/model.ts";
import { readLives } from "./testing/recorded.ts";

const SOURCE = fileURLToPath(new URL("testing/life.c", import.meta.url));

test("the kernel of this machine answers as the model of its release", ({ skip }) => {
  skip(process.platform !== "linux", "needs Linux");
  skip(process.getuid?.() !== 0, "needs root, to give a process number anew");
  const folder = mkdtempSync(join(tmpdir(), "kadvise-life-"));
  const program = join(folder, "life");
  try {
    try {
      execFileSync("gcc", ["-std=gnu17", "-w", "-o", program, SOURCE], { stdio: "ignore" });
    } catch {
      skip("needs gcc and a C library");
    }
    const [kernel] = readLives(execFileSync(program, { encoding: "utf8" }));
    const { pidfd } = profile(kernel.release);
    const modelled = Object.keys(MODEL).map((question) => [
      question,
      MODEL[question](machineOf(pidfd), pidfd),
    ]);
    expect(Object.fromEntries(modelled)).toEqual(Object.fromEntries(kernel.answers));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
