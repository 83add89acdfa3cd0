import { quote, quoteHex } from "./stringLiteral.ts";
import type { ArrayValue, FdValue, StringValue, StructValue, Value } from "./value.ts";

/**
 * Writes values in strace's notation. Reading back what was written gives the same value.
 */

/** How tightly the kinds with an operator bind; all others stand as they are. */
const LEVEL: { readonly [kind in Value["kind"]]?: number } = {
  comment: 0,
  condition: 0,
  indexed: 0,
  change: 1,
  flags: 2,
  shift: 3,
  sum: 4,
  product: 5,
};
const TIGHTEST = 6;

/**
 * Writes a value.
 *
 * @example
 * formatValue({ kind: "flags", parts: [wordValue("PROT_READ"), hexValue(0x40)] }); //
 * "PROT_READ|0x40"
 */
export function formatValue(value: Value): string {
  switch (value.kind) {
    case "number":
    case "word":
    case "name":
      return commented(value.text, value.comment);
    case "string":
      return formatString(value);
    case "flags":
      return formatFlags(value.parts);
    case "array":
      return formatArray(value);
    case "struct":
      return formatStruct(value);
    case "fd":
      return formatFd(value);
    case "condition":
    case "unread":
      return value.text;
    case "call":
      return commented(`${value.name}(${value.args.map(formatValue).join(", ")})`, value.comment);
    case "shift":
      return `${operand(value.left, 3)}<<${operand(value.right, 4)}`;
    case "product":
      return `${operand(value.left, 5)}*${operand(value.right, 6)}`;
    case "sum":
      return `${operand(value.left, 4)} ${value.operator} ${operand(value.right, 5)}`;
    case "complement":
      return formatComplement(value.value);
    case "change": {
      const name = value.name === undefined ? "" : `${value.name}=`;
      return `${operand(value.before, 1)} => ${name}${operand(value.after, 2)}`;
    }
    case "indexed":
      return `[${formatValue(value.index)}]=${formatValue(value.value)}`;
    case "comment":
      return `/* ${value.text} */`;
  }
}

/** A value as part of one with an operator, in parentheses where that binds more tightly. */
function operand(value: Value, level: number): string {
  const written = formatValue(value);
  return (LEVEL[value.kind] ?? TIGHTEST) < level ? `(${written})` : written;
}

function commented(text: string, comment: string | undefined): string {
  return comment === undefined ? text : `${text} /* ${comment} */`;
}

function formatString(value: StringValue): string {
  const mark = value.isAbstract ? "@" : "";
  const dots = value.cut ? "..." : "";
  return commented(
    `${mark}${value.isHex ? quoteHex(value.text) : quote(value.text)}${dots}`,
    value.comment,
  );
}

function formatFlags(parts: readonly Value[]): string {
  const [first] = parts;
  if (first === undefined) return "0";
  // `{WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP} | PTRACE_EVENT_EXEC<<16`
  return parts.map((part) => operand(part, 3)).join(first.kind === "struct" ? " | " : "|");
}

function formatArray(value: ArrayValue): string {
  const items = [...listed(value.items, value.spaced ? " " : ", ")];
  const isCommentInside = value.cut && value.comment !== undefined;
  if (value.cut) {
    if (items.length > 0) items.push(value.spaced ? " " : ", ");
    items.push(isCommentInside ? `... /* ${value.comment} */` : "...");
  }
  const written = `${value.negated ? "~" : ""}[${items.join("")}]`;
  return isCommentInside ? written : commented(written, value.comment);
}

function formatStruct(value: StructValue): string {
  const fields = value.fields.map((field) => `${field.name}=${formatValue(field.value)}`);
  const bare = [...listed(value.bare, ", ")].join("");
  const items = [...fields, ...(bare === "" ? [] : [bare]), ...(value.cut ? ["..."] : [])];
  return commented(`{${items.join(", ")}}`, value.comment);
}

/**
 * The items and what stands between them: behind a comment, which belongs to the next item, a
 * space.
 */
function* listed(items: readonly Value[], separator: string): Generator<string> {
  let before: Value | undefined;
  for (const item of items) {
    if (before !== undefined) yield before.kind === "comment" ? " " : separator;
    yield formatValue(item);
    before = item;
  }
}

function formatFd(value: FdValue): string {
  const target = `<${value.target}>${value.isDeleted ? "(deleted)" : ""}`;
  const number = String(value.word ?? value.value);
  // What the number means stands before its target, all else behind it.
  if (value.comment === "AT_FDCWD") return commented(number, value.comment) + target;
  return commented(number + target, value.comment);
}

function formatComplement(value: Value): string {
  // `~[…]` is a set of its own kind.
  const written = value.kind === "array" ? `(${formatValue(value)})` : operand(value, TIGHTEST);
  return `~${written}`;
}
