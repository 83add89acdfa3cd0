import { integerOf, type Argument, type Value } from "@kadvise/strace";
import type {
  CutRanges,
  DecodedArgument,
  Parameter,
  ParameterKind,
  Range,
  SystemCall,
} from "@kadvise/syscalls";
import { constant } from "./constants.ts";
import { NotShown } from "./notShown.ts";
import { structureBytes } from "./structures.ts";

/** A call's arguments, ready for the decoded door, with what the log shows of its outputs. */
export interface DecodedCallText {
  readonly args: readonly DecodedArgument[];
  /** What stands in the log for each parameter that the call writes to. */
  readonly shown: readonly (Value | undefined)[];
}

/** Gives the number of a scenario's `$name`. */
export type Lookup = (name: string) => number | bigint | undefined;

const NO_NAMES: Lookup = () => undefined;

/**
 * Turns the arguments of a logged call into what the decoded door takes.
 *
 * @throws NotShown where the log does not show an argument that the call needs
 *   (a cut vector, an unknown word)
 */
export function decodeArguments(
  call: SystemCall,
  args: readonly Argument[],
  lookup: Lookup = NO_NAMES,
): DecodedCallText {
  const ordered = orderArguments(call, args);
  const shown: (Value | undefined)[] = [];
  const numberOf: Lookup =
    lookup === NO_NAMES ? constant : (word) => lookup(word) ?? constant(word);
  const decoded = call.parameters.map((parameter, i): DecodedArgument => {
    const argument = ordered[i];
    if (argument === undefined) return 0;
    const { value } = argument;
    const { kind } = parameter;
    if (typeof kind === "object" && "structure" in kind && kind.direction !== "in")
      shown[i] = value;
    return decodeArgument(parameter, value, countFor(call, ordered, kind, numberOf), numberOf);
  });
  return { args: decoded, shown };
}

/** Arguments that are printed with their names (clone's) find their place by name. */
function orderArguments(
  call: SystemCall,
  args: readonly Argument[],
): readonly (Argument | undefined)[] {
  if (!args.some((argument) => argument.name !== undefined)) return args;
  const aliases: { readonly [name: string]: string } = { parent_tid: "parent_tidptr" };
  return call.parameters.map((parameter) =>
    args.find(
      ({ name }) =>
        name === parameter.name || (name !== undefined && aliases[name] === parameter.name),
    ),
  );
}

/** How strace prints what a pointer leads to. */
const LED_TO: ReadonlySet<Value["kind"]> = new Set(["string", "array", "struct"]);
/** Room for what a call may write there. */
const POINTED_BYTES = 64;

type StructureKind = Extract<ParameterKind, { readonly structure: unknown }>;

/** strace shows nothing of a siginfo that names no signal, whatever else is in it. */
function structure(
  name: string,
  { structure, direction }: StructureKind,
  value: Value,
  count: number,
): DecodedArgument {
  const isEmpty = value.kind === "struct" && value.fields.length === 0;
  if (structure === "siginfo" && direction === "in" && isEmpty)
    throw new NotShown(`what is in ${name}`);
  return structureBytes(structure, value, count);
}

function decodeArgument(
  parameter: Parameter,
  value: Value,
  count: number,
  numberOf: Lookup,
): DecodedArgument {
  const { kind } = parameter;
  const number = integerOf(value, numberOf);
  if (number !== undefined) return number;
  if (typeof kind === "object" && "ranges" in kind) return ranges(value, numberOf);
  if (typeof kind === "object" && "structure" in kind)
    return structure(parameter.name, kind, value, count);
  if (kind === "text") return value.kind === "string" ? value.text : 0;
  // A pointer of which the log shows what it leads to does lead somewhere. A word of which the
  // number is not known is another thing.
  if (kind === "pointer" || kind === "ulong") {
    if (value.kind === "string" && !value.cut) return textBytes(value.text);
    if (parameter.name === NAME_OF_AREAS && value.kind === "string")
      throw new NotShown(`the end of the argument ${parameter.name}`);
    if (LED_TO.has(value.kind)) return new Uint8Array(POINTED_BYTES);
    if (kind === "pointer") return 0;
  }
  throw new NotShown(`the argument ${parameter.name}`);
}

/** Of a name of areas it matters how long it is. */
const NAME_OF_AREAS = "arg5";

/** The text and its NUL; where the call writes it, its buffer may be longer (PR_GET_NAME's 16). */
function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.max(text.length + 1, POINTED_BYTES));
  bytes.set(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  return bytes;
}

/**
 * `[{iov_base=0x7f00, iov_len=4096}, …]`. Where strace stopped because it could not read on, it
 * says at which address, and the kernel cannot either; where it left elements out (it does so
 * behind the 32nd, without -v), they are unknown.
 */
function ranges(value: Value, numberOf: Lookup): readonly Range[] | CutRanges {
  if (value.kind !== "array") throw new NotShown("the vector");
  const shown = shownRanges(value.items, numberOf);
  const isUnreadable = value.comment !== undefined && /^0x[0-9a-f]+$/.test(value.comment);
  return value.cut && !isUnreadable ? { shown } : shown;
}

function shownRanges(items: readonly Value[], numberOf: Lookup): readonly Range[] {
  return items.map((item, i) => {
    if (item.kind !== "struct") throw new NotShown(`element ${i} of the vector`);
    const field = (name: string): number | bigint => {
      const found = item.fields.find((candidate) => candidate.name === name);
      if (found === undefined) throw new NotShown(`${name} of element ${i}`);
      const number = integerOf(found.value, numberOf);
      // A base may be shown by what it points to, as iov_base="text" in write's vectors.
      if (number === undefined) throw new NotShown(`${name} of element ${i}`);
      return number;
    };
    return { base: field("iov_base"), length: field("iov_len") };
  });
}

/** How many elements an output has room for: mincore's vector by its length in pages. */
function countFor(
  call: SystemCall,
  args: readonly (Argument | undefined)[],
  kind: ParameterKind,
  numberOf: Lookup,
): number {
  if (typeof kind !== "object" || !("structure" in kind) || kind.count === undefined) return 1;
  const i = call.parameters.findIndex((parameter) => parameter.name === kind.count);
  const argument = args[i];
  const number = argument === undefined ? undefined : integerOf(argument.value, numberOf);
  const count = Number(number ?? 0);
  const elements = kind.structure === "bytes" ? Math.ceil(count / 4096) : count;
  return Math.min(Math.max(elements, 0), 2 ** 20);
}
