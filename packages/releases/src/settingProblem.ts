import { SETTING_ALTERNATIVES, USUAL_SETTINGS, type Settings } from "./settings.ts";

/** Settings that take few numbers, and what those stand for. */
const FEW_NUMBERS: { readonly [key in keyof Settings]?: readonly (readonly [number, string])[] } = {
  pageShift: [
    [12, "4 KiB"],
    [14, "16 KiB"],
    [16, "64 KiB"],
  ],
  userBits: [
    [47, "x86-64"],
    [48, "arm64"],
    [56, "x86-64 with five levels of page tables: 57-bit addresses, of which users have half"],
  ],
};

/** Settings of which a judge tries the likely values, though any number may be set. */
const ANY_NUMBER: ReadonlySet<keyof Settings> = new Set(["mmapMinAddr"]);

/**
 * Why a setting cannot have a value, in a few words; undefined if it can. For what comes from
 * outside: a command line, a file.
 *
 * @example
 * settingProblem("pageShift", 13); // "expected 12 (4 KiB), 14 (16 KiB) or 16 (64 KiB)"
 */
export function settingProblem(key: keyof Settings, value: unknown): string | undefined {
  const few = FEW_NUMBERS[key];
  if (few !== undefined) {
    const isOne = few.some(([number]) => number === value);
    return isOne ? undefined : expected(few.map(([number, what]) => `${number} (${what})`));
  }
  const alternatives: readonly unknown[] | undefined = SETTING_ALTERNATIVES[key];
  if (alternatives !== undefined && !ANY_NUMBER.has(key))
    return alternatives.includes(value) ? undefined : expected(alternatives.map(String));
  if (typeof USUAL_SETTINGS[key] === "boolean")
    return typeof value === "boolean" ? undefined : expected(["true", "false"]);
  const isCount = typeof value === "number" && value >= 0 && Number.isInteger(value);
  return isCount ? undefined : "expected a whole number";
}

function expected(words: readonly string[]): string {
  return `expected ${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
