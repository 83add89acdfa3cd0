import { integerOf } from "@kadvise/strace";
import type { DecodedArgument, Range, SystemCall } from "@kadvise/syscalls";
import type { Gate, Operand, Relocation, ShownField } from "../program/program.ts";
import { FDINFO, PAGEMAP } from "../program/shownField.ts";
import type { Step } from "./parse.ts";
import { operandOf } from "./placeholder.ts";
import { ScenarioMisuse } from "./run.ts";

/** The gate by which a step enters. */
export function gateOf(step: Step): Gate {
  return step.gate === "i386" ? "i386" : "native";
}

/** Whether an argument is a vector that is known to its end. */
export function isRanges(argument: DecodedArgument): argument is readonly Range[] {
  return Array.isArray(argument);
}

/** What a register holds for an argument that is no structure. @throws ScenarioMisuse */
export function scalarOf(step: Step, argument: DecodedArgument): Operand {
  if (argument === null) return 0;
  if (typeof argument === "number" || typeof argument === "bigint") return operandOf(argument);
  throw new ScenarioMisuse(step.line, `${step.name}: a vector that is cut cannot be passed`);
}

/** Names in a structure: 8-byte words that stand for something. */
export function relocationsIn(bytes: Uint8Array): readonly Relocation[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const relocations: Relocation[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const value = operandOf(view.getBigUint64(at, true));
    if (typeof value === "object") relocations.push({ offset: at, bytes: 8, value });
  }
  return relocations;
}

/** The flags of clone and clone3. Linux: struct clone_args begins with them */
export function cloneFlags(call: SystemCall, args: readonly DecodedArgument[]): number {
  const [first] = args;
  if (call.name === "clone" && (typeof first === "number" || typeof first === "bigint")) {
    return Number(BigInt.asUintN(32, BigInt(first)));
  }
  if (!(first instanceof Uint8Array) || first.length < 8) return 0;
  return new DataView(first.buffer, first.byteOffset).getUint32(0, true);
}

/** Fields that are of a page or a descriptor, and of nothing else. */
const TAKES_ADDRESS: ReadonlySet<string> = new Set([FDINFO, PAGEMAP]);

/** What `show(FIELD)` or `show(FIELD, ADDRESS)` looks at. @throws ScenarioMisuse */
export function shownFieldOf(
  { line, args }: Step,
  places: ReadonlyMap<string, bigint> = new Map(),
): ShownField {
  const [field, address] = args.map(({ value }) => value);
  if (field?.kind !== "word") {
    throw new ScenarioMisuse(line, "show takes the name of a field, such as VmFlags or VmLck");
  }
  const number = address === undefined ? undefined : integerOf(address, (word) => places.get(word));
  if (number === undefined && (address !== undefined || TAKES_ADDRESS.has(field.text))) {
    throw new ScenarioMisuse(line, `show(${field.text}, …) takes an address that is written out`);
  }
  return { name: field.text, ...(number === undefined ? {} : { address: BigInt(number) }) };
}

/** The path and the text of `write("PATH", "TEXT")`. @throws ScenarioMisuse */
export function writtenFile({ line, args }: Step): readonly [path: string, text: string] {
  const [path, text] = args.map(({ value }) => value);
  if (path?.kind === "string" && text?.kind === "string") return [path.text, text.text];
  throw new ScenarioMisuse(line, 'write takes two texts: write("/proc/sys/vm/swappiness", "10")');
}
