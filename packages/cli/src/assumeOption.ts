import { ASSUMPTIONS, type AssumptionName } from "@kadvise/conformance";
import type { OptionSpecs } from "./options.ts";
import { nearest, UsageError } from "./usageError.ts";

/** The option by which standing assumptions are dropped. */
export const ASSUME_OPTION: OptionSpecs = {
  assume: {
    type: "string",
    value: "NAME=off",
    multiple: true,
    help: "drop a standing assumption",
  },
};

/** The assumptions that `--assume NAME=off` drops. */
export function assumptionsOff(words: readonly string[]): readonly AssumptionName[] {
  return words.map((word) => {
    const [name = "", value] = word.split("=");
    if (!Object.hasOwn(ASSUMPTIONS, name)) {
      const best = nearest(name, Object.keys(ASSUMPTIONS));
      throw new UsageError(
        `--assume ${word}: no such assumption; ${best === undefined ? `known: ${Object.keys(ASSUMPTIONS).join(", ")}` : `did you mean ${best}?`}`,
      );
    }
    if (value !== "off") throw new UsageError(`--assume ${word}: expected ${name}=off`);
    return name as AssumptionName;
  });
}
