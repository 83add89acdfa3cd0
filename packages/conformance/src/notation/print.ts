import {
  arrayValue,
  decimalValue,
  failed,
  flagsValue,
  formatCall,
  hexValue,
  notReturned,
  pointerValue,
  returned,
  returnedAddress,
  stringValue,
  structValue,
  wordValue,
  type ArrayValue,
  type CallResult,
  type Value,
} from "@kadvise/strace";
import {
  neverReturns,
  type DecodedArgument,
  type NameTable,
  type Outcome,
  type Parameter,
  type Range,
  type SystemCall,
} from "@kadvise/syscalls";
import { adviceName, AT } from "@kadvise/uapi";

/** A call that was run, as it is printed. */
export interface PrintedCall {
  readonly pid?: number;
  readonly call: SystemCall;
  readonly args: readonly DecodedArgument[];
  readonly outcome: Outcome;
  readonly outputs: readonly (Uint8Array | undefined)[];
  /** A remark behind the result; the reason's id if unset and there is one. */
  readonly comment?: string;
}

/** Writes a call as strace does, with the reason's id behind a refusal. */
export function printCall(printed: PrintedCall): string {
  const { call, outcome, outputs } = printed;
  const because = outcome.ok ? outcome.stopped : outcome;
  const comment = printed.comment ?? because?.reason.id;
  return printAnswer({
    ...(printed.pid === undefined ? {} : { pid: printed.pid }),
    ...{ call, args: printed.args, outputs },
    result: resultOf(call, outcome),
    ...(comment === undefined ? {} : { comment }),
  });
}

/** A call that somebody answered, as it is printed. */
export interface PrintedAnswer extends Omit<PrintedCall, "outcome"> {
  readonly result: CallResult;
}

/** Writes a call with its answer as strace does; outputs are shown where it succeeded. */
export function printAnswer(printed: PrintedAnswer): string {
  const { call, args, result, outputs, comment } = printed;
  const isDone = result.error === undefined;
  const values = args.map((argument, i) =>
    argumentValue(call.parameters[i], argument, isDone ? outputs[i] : undefined),
  );
  return formatCall({
    ...(printed.pid === undefined ? {} : { pid: printed.pid }),
    name: call.name,
    args: values,
    result,
    ...(comment === undefined ? {} : { comment }),
  });
}

/** A result in strace's notation. */
export function resultOf(call: SystemCall, outcome: Outcome): CallResult {
  if (!outcome.ok) {
    return outcome.code.startsWith("ERESTART") ? notReturned(outcome.code) : failed(outcome.code);
  }
  if (neverReturns(outcome)) return notReturned();
  return call.returns === "address" ? returnedAddress(outcome.value) : returned(outcome.value);
}

function argumentValue(
  parameter: Parameter | undefined,
  argument: DecodedArgument,
  output: Uint8Array | undefined,
): Value {
  const kind = parameter?.kind;
  if (argument === null) return wordValue("NULL");
  if (argument instanceof Uint8Array) return bytesValue(output ?? argument);
  if (typeof argument === "object") {
    if ("pointers" in argument) return bytesValue(output ?? argument.bytes);
    return "shown" in argument
      ? { ...rangesValue(argument.shown), cut: true }
      : rangesValue(argument);
  }
  if (typeof argument === "string") {
    return kind === "text"
      ? stringValue(argument)
      : flagsValue(argument.split("|").map((word) => wordValue(word)));
  }
  if (typeof kind === "object" && "names" in kind) return namedValue(argument, kind.names);
  if (typeof kind === "object" && "flags" in kind) return flagValues(argument, kind.flags);
  switch (kind) {
    case "address":
    case "pointer":
      return pointerValue(argument);
    case "fd":
      if (parameter?.name === "dirfd" && Number(argument) === AT.AT_FDCWD)
        return wordValue("AT_FDCWD");
      return decimalValue(BigInt.asIntN(32, BigInt(argument)));
    case "int":
    case "pid":
    case "id":
    case "long":
      return decimalValue(BigInt.asIntN(kind === "long" ? 64 : 32, BigInt(argument)));
    case "uint":
    case "ulong":
      return argument === 0 || argument === 0n ? decimalValue(0) : hexValue(argument);
    case "size":
    case "offset":
      return decimalValue(BigInt.asUintN(64, BigInt(argument)));
    default:
      return typeof kind === "object" ? pointerValue(argument) : decimalValue(argument);
  }
}

function rangesValue(ranges: readonly Range[]): ArrayValue {
  return arrayValue(
    ranges.map(({ base, length }) =>
      structValue([
        { name: "iov_base", value: pointerValue(base) },
        { name: "iov_len", value: decimalValue(BigInt.asUintN(64, BigInt(length))) },
      ]),
    ),
  );
}

function bytesValue(bytes: Uint8Array): Value {
  return arrayValue(Array.from(bytes, (byte) => decimalValue(byte)));
}

function namedValue(argument: number | bigint, names: NameTable): Value {
  const number = Number(BigInt.asIntN(32, BigInt(argument)));
  const name =
    adviceNameIn(names, number) ??
    Object.keys(names).find((key) => ((names[key] ?? 0) | 0) === number);
  return name === undefined
    ? { ...hexValue(number < 0 ? BigInt.asUintN(32, BigInt(number)) : number) }
    : wordValue(name);
}

function adviceNameIn(names: NameTable, number: number): string | undefined {
  const name = adviceName(number);
  return name !== undefined && names[name] === number ? name : undefined;
}

/** Names of the bits, the type of a mapping first; what has no name is a number. */
function flagValues(argument: number | bigint, names: NameTable): Value {
  let rest = Number(BigInt.asUintN(32, BigInt(argument)));
  if (rest === 0) {
    const zero = Object.keys(names).find((key) => names[key] === 0);
    return zero === undefined ? decimalValue(0) : wordValue(zero);
  }
  const parts: Value[] = [];
  for (const [name, bits] of Object.entries(names)) {
    if (
      bits === 0 ||
      (rest & bits) >>> 0 !== bits >>> 0 ||
      (name === "MAP_SHARED_VALIDATE" && (rest & 15) !== 3)
    ) {
      continue;
    }
    if (name === "MAP_SHARED" && (rest & 15) === 3) continue;
    if (name === "MAP_PRIVATE" && (rest & 15) === 3) continue;
    parts.push(wordValue(name));
    rest = (rest & ~bits) >>> 0;
  }
  if (rest !== 0) parts.push(hexValue(rest));
  return flagsValue(parts);
}
