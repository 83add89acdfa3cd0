import { expect, test } from "vitest";
import { TestMachine } from "../testing/machine.ts";
import { objectionToMode } from "./fallocateMode.ts";

/** Each of the modes 0 to 0x1ff that is not EOPNOTSUPP: `20` alone, or `9!` where it is EINVAL. */
function accepted(release: string): string {
  const { machine } = new TestMachine({ release });
  const modes = Array.from({ length: 512 }, (_, mode) => {
    const objection = objectionToMode(machine, mode);
    return objection === "unsupported" ? "" : `${mode.toString(16)}${objection ? "!" : ""}`;
  });
  return modes.filter((mode) => mode !== "").join(" ");
}

// packages/conformance/facts/fallocate-modes: what kernels said of /dev/null, which is no file.
const ONE_OF = "0 1 3 8 10 11 20 40 41";
const MIXED =
  "0 1 3 8 9! b! 10 11 18! 19! 20 21! 23! 28! 29! 2b! 30! 31! 38! 39! 40 41 43! 48! 49! 4b! 50! 51! 58! 59! 60! 61! 63! 68! 69! 6b! 70! 71! 78! 79!";

test.each([
  ["5.10", MIXED],
  ["6.1", MIXED],
  ["6.12", ONE_OF],
  ["6.16", ONE_OF],
  ["6.17", `${ONE_OF} 80`],
  ["7.3", `${ONE_OF} 80`],
])("Linux %s knows these modes", (release, modes) => {
  expect(accepted(release)).toBe(modes);
});
