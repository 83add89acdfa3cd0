import type { Argument, CallResult, Value } from "@kadvise/strace";
import type { SystemCall } from "@kadvise/syscalls";

/**
 * A call with what shapes it (flags, advice) and its outcome class: what counts as "the same again"
 * in a log.
 *
 * @example
 * // madvise(0x7f…, 4096, MADV_COLD) = 0   has the form   madvise MADV_COLD = ok
 */
export function formOf(
  name: string,
  call: SystemCall | undefined,
  args: readonly Argument[],
  result: CallResult,
  shape?: string,
): string {
  const shapes: string[] = shape === undefined ? [] : [shape];
  for (const [i, argument] of args.entries()) {
    const kind = call?.parameters[i]?.kind;
    const shaping = typeof kind === "object" && ("names" in kind || "flags" in kind);
    const text = shaping || argument.name === "flags" ? shapeText(argument.value) : undefined;
    if (text !== undefined) shapes.push(text);
  }
  return `${[name, ...shapes].join(" ")} = ${outcomeClass(result)}`;
}

/** `ok`, the error's name, or `?` for a call that did not return. */
export function outcomeClass(result: CallResult): string {
  return result.error ?? (result.unknown ? "?" : "ok");
}

function shapeText(value: Value): string | undefined {
  switch (value.kind) {
    case "word":
    case "number":
      return value.text;
    case "flags":
      return value.parts.map((part) => shapeText(part) ?? "?").join("|");
    case "fd":
      return String(value.value);
    default:
      return undefined;
  }
}
