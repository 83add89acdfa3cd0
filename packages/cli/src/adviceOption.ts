import { MADV, MADV_BY_ARCHITECTURE, type Abi, type AdviceName } from "@kadvise/uapi";
import { nearest, UsageError } from "./usageError.ts";

/** What `--arch` takes: the entries that are modelled, and those whose numbers differ. */
export const ARCHITECTURES = ["x86-64", "i386", "arm64", "alpha", "parisc"] as const;

export type Architecture = (typeof ARCHITECTURES)[number];

/** The entry by which the model is asked; alpha and parisc have other numbers for the same. */
export function abiOf(architecture: Architecture): Abi {
  return architecture === "alpha" || architecture === "parisc" ? "x86-64" : architecture;
}

/** @throws UsageError for another word */
export function architectureOf(word: string): Architecture {
  const found = ARCHITECTURES.find((name) => name === word.toLowerCase());
  if (found !== undefined) return found;
  const alias = ALIASES[word.toLowerCase()];
  if (alias !== undefined) return alias;
  throw new UsageError(`--arch ${word}: expected ${ARCHITECTURES.join(", ")}`);
}

const ALIASES: { readonly [word: string]: Architecture } = {
  x86_64: "x86-64",
  amd64: "x86-64",
  i686: "i386",
  x86: "i386",
  aarch64: "arm64",
};

/** `MADV_COLD`, `cold` and `20` name one piece of advice; a number may name none. */
export function adviceOf(word: string, architecture: Architecture): AdviceName | number {
  if (NUMBER.test(word)) return named(wholeOf(word), architecture);
  const name = nameOf(word);
  if (name !== undefined) return name;
  const best = nearest(`MADV_${bare(word)}`, Object.keys(MADV));
  throw new UsageError(
    `unknown advice "${word}"${best === undefined ? "; expected a name such as MADV_COLD, or a number" : `; did you mean ${best}?`}`,
  );
}

/** Whether a word names advice, not a release: a name, also one that is not quite right; a number. */
export function isAdvice(word: string): boolean {
  return nameOf(word) !== undefined || /^madv_/i.test(word) || NUMBER.test(word);
}

const NUMBER = /^-?(0x[0-9a-f]+|\d+)$/i;

function nameOf(word: string): AdviceName | undefined {
  const name = `MADV_${bare(word)}`;
  return Object.hasOwn(MADV, name) ? (name as AdviceName) : undefined;
}

function bare(word: string): string {
  return word
    .toUpperCase()
    .replace(/^MADV_/, "")
    .replaceAll("-", "_");
}

/** The register's 32 bits. */
function wholeOf(word: string): number {
  const number = Number(word.replace("-", ""));
  if (!Number.isSafeInteger(number) || number > 0xffff_ffff)
    throw new UsageError(`advice ${word} does not fit into 32 bits`);
  return word.startsWith("-") ? -number : number;
}

function named(number: number, architecture: Architecture): AdviceName | number {
  const names = Object.keys(MADV) as AdviceName[];
  const found = names.find((name) => numberOf(name, architecture) === number);
  const elsewhere = names.find((name) => MADV[name] === number);
  if (found !== undefined || elsewhere === undefined) return found ?? number;
  const own = numberOf(elsewhere, architecture);
  throw new UsageError(`${number} is no advice on ${architecture}: ${elsewhere} is ${own} there`);
}

/** The number by which an architecture knows a piece of advice. */
export function numberOf(advice: AdviceName | number, architecture: Architecture): number {
  if (typeof advice === "number") return advice;
  const own =
    architecture === "alpha" || architecture === "parisc"
      ? MADV_BY_ARCHITECTURE[architecture][advice]
      : undefined;
  return own ?? MADV[advice];
}
