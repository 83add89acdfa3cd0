import { parseCallText, type Argument, type CallResult } from "@kadvise/strace";

/** One step of a scenario. */
export interface Step {
  readonly line: number;
  /**
   * The process' name as written in the first column; `$child` names the process whose number was
   * bound.
   */
  readonly process: string;
  /** `i386` to enter by the 32-bit gate. */
  readonly gate: "x86-64" | "i386";
  readonly name: string;
  readonly args: readonly Argument[];
  /** What stands behind the equals sign, if anything does. */
  readonly expected?: CallResult;
}

/** A line that is no step: where, and what would have been right. */
export interface ScenarioError {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly text: string;
}

const PROCESS = /^(\$?[A-Za-z_][\w.-]*|\d+)(?:\/([\w-]+))?(\s+|$)/;

/**
 * Reads a scenario: strace text with names. Blank lines and lines that begin with `#` are passed
 * over.
 *
 * @example
 * parseScenario("app  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $page");
 */
export function parseScenario(
  text: string,
): { readonly steps: readonly Step[] } | { readonly error: ScenarioError } {
  const steps: Step[] = [];
  const lines = text.split("\n");
  for (const [i, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, "");
    if (/^\s*(#.*)?$/.test(line)) continue;
    const step = parseStep(line, i + 1);
    if ("error" in step) return step;
    steps.push(step);
  }
  return { steps };
}

function parseStep(line: string, number: number): Step | { readonly error: ScenarioError } {
  const fail = (column: number, expected: string): { readonly error: ScenarioError } => ({
    error: { line: number, column, expected, text: line.slice(0, 200) },
  });
  const indent = line.length - line.trimStart().length;
  const head = PROCESS.exec(line.slice(indent));
  if (head === null) return fail(indent + 1, "the name of a process (app, manager, $child)");
  const [whole, process = "", gate] = head;
  if (gate !== undefined && gate !== "i386")
    return fail(indent + process.length + 2, '"i386", the only other gate');
  const at = indent + whole.length;
  if (at >= line.length) return fail(at + 1, "a call behind the process, such as close(3)");
  const call = parseCallText(line.slice(at));
  if ("error" in call) return fail(at + call.error.column, call.error.expected);
  return {
    line: number,
    process,
    gate: gate ?? "x86-64",
    name: call.name,
    args: call.args,
    ...(call.result === undefined ? {} : { expected: call.result }),
  };
}
