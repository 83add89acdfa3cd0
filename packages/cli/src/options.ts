import { parseArgs } from "node:util";
import { nearest, UsageError } from "./usageError.ts";

/** One option of a command. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** What the value is, for help: `RELEASE`. */
  readonly value?: string;
  readonly help: string;
  readonly multiple?: boolean;
}

/** The options of a command, by name. */
export type OptionSpecs = { readonly [name: string]: OptionSpec };

/** Options and operands as given. */
export interface Parsed {
  readonly values: { readonly [name: string]: string | boolean | readonly string[] | undefined };
  readonly operands: readonly string[];
}

/**
 * Reads a command's words. A word that is none of its options is refused, with the nearest right
 * one.
 */
export function parseOptions(words: readonly string[], specs: OptionSpecs): Parsed {
  const options = Object.fromEntries(
    Object.entries({ ...specs, help: { type: "boolean" as const, help: "" } }).map(
      ([name, spec]) => [
        name,
        {
          type: spec.type,
          ...("multiple" in spec && spec.multiple === true ? { multiple: true } : {}),
        },
      ],
    ),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[]> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const spec = token.name === "help" ? { type: "boolean" as const, help: "" } : specs[token.name];
    if (spec === undefined) throw unknownOption(token.rawName, Object.keys(specs));
    if (spec.type === "boolean") {
      if (token.value !== undefined && token.inlineValue === true) {
        throw new UsageError(`${token.rawName} takes no value`);
      }
      values[token.name] = true;
    } else if (token.value === undefined) {
      throw new UsageError(
        `${token.rawName} needs a value: ${token.rawName} ${spec.value ?? "VALUE"}`,
      );
    } else if ("multiple" in spec && spec.multiple === true) {
      values[token.name] = [...((values[token.name] as string[] | undefined) ?? []), token.value];
    } else values[token.name] = token.value;
  }
  return { values, operands };
}

function unknownOption(name: string, known: readonly string[]): UsageError {
  const best = nearest(name.replace(/^-+/, ""), [...known, "help"]);
  return new UsageError(
    `unknown option ${name}${best === undefined ? "; see --help" : `; did you mean --${best}?`}`,
  );
}

/** The value of an option that takes text. */
export function text(parsed: Parsed, name: string): string | undefined {
  const value = parsed.values[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of an option that may be given several times. */
export function texts(parsed: Parsed, name: string): readonly string[] {
  const value = parsed.values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** The value of an option that takes a whole number. */
export function wholeNumber(parsed: Parsed, name: string): number | undefined {
  const value = text(parsed, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value))
    throw new UsageError(`--${name} needs a whole number, got "${value}"`);
  return Number(value);
}

/** Whether a switch was given. */
export function given(parsed: Parsed, name: string): boolean {
  return parsed.values[name] === true;
}
