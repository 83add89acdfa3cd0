import { expect, test } from "vitest";
import { CannotRun } from "../target/cannotRun.ts";
import { openTarget } from "../target/openTarget.ts";
import { tryTurns } from "./tryTurns.ts";

const CELLS = 25;

/** Without root nobody can become who a pair is. */
function reasonNotToRun(): string | undefined {
  if (process.platform !== "linux") return "needs Linux";
  return process.getuid?.() === 0 ? undefined : "needs root, to become who a pair is";
}

test(
  "each smallest change turns the verdict on this machine's kernel, and none less does",
  { timeout: 120_000 },
  async ({ skip }) => {
    const reason = reasonNotToRun();
    skip(reason !== undefined, reason);
    let target;
    try {
      target = openTarget("host");
      const told = await tryTurns(target, { count: CELLS, seed: 20_200_519 });
      expect(told.failures).toEqual([]);
      expect(told.cells).toBe(CELLS);
      expect(told.sets).toBeGreaterThan(CELLS);
    } catch (error) {
      skip(error instanceof CannotRun, (error as Error).message);
      throw error;
    } finally {
      await target?.close();
    }
  },
);
