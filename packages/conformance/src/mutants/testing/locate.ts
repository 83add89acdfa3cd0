import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mutantsOf, type Mutant } from "./draw.ts";
import { keyOf, type MutantKey } from "./record.ts";

/** Where a recorded mutant stands now; undefined if its line is gone. */
export function locate(packagesFolder: string, key: MutantKey): Mutant | undefined {
  const text = readFileSync(join(packagesFolder, key.file), "utf8");
  return mutantsOf(text, key.file).find((mutant) => keyOf(mutant) === keyOf(key));
}
