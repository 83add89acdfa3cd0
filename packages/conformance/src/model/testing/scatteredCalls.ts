import { ProgramBuilder } from "../../program/programBuilder.ts";
import type { Program } from "../../program/program.ts";

const AT = 0x2000_0000;
const PAGE = 4096;

/** Every third page of thirty is made read-only, in no order; then some are unmapped twice. */
export const SCATTERED_CALLS: Program = ((): Program => {
  const builder = new ProgramBuilder({ actors: 1 });
  builder.call(0, "mmap", [AT, 30 * PAGE, 3, 0x32, -1, 0]);
  const scattered = { base: AT, unit: 3 * PAGE, step: 7, modulus: 10 };
  builder.repeat(0, 10, [{ name: "mprotect", args: [scattered, PAGE, 1] }]);
  const upwards = { base: AT, unit: PAGE, step: 1, modulus: 4 };
  builder.repeat(0, 3, [
    { name: "munmap", args: [upwards, PAGE] },
    { name: "madvise", args: [upwards, PAGE, 4] },
  ]);
  builder.observe(0, "maps", 4096);
  return builder.build();
})();
