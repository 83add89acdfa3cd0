import { SYSCALL_NUMBERS } from "@kadvise/uapi";
import type { Operand, Operation, Program } from "../program/program.ts";
import { compileCase, type CaseStep, type CompiledCase, type Shows } from "./compileCase.ts";
import type { ByReleases, DocumentCase, PackDocument } from "./packDocument.ts";

/** What the runner has room for: MOST_ACTORS, MOST_OPERATIONS and MOST_DATA in pack.h. */
export const ROOM = { actors: 8, operations: 256, dataBytes: 0x2_0000 } as const;

/**
 * Writes the cases as C: the table that the runner reads, from the same document as cases.json.
 *
 * @throws RangeError for a case that is too large for the runner
 */
export function caseTable(document: PackDocument): string {
  const covered = document.releases;
  const [first = ""] = covered.split(/[ -]/);
  const last = covered.split(/[ -]/).at(-1) ?? first;
  const bodies = document.cases.map((one, i) => caseBody(one, i));
  return [
    "/* Written by `kadvise pack`: cases.json has the same cases. */",
    '#include "pack.h"',
    "",
    `const char covered_releases[] = ${quoted(covered)};`,
    `const char first_release[] = ${quoted(first)}, last_release[] = ${quoted(last)};`,
    "",
    ...bodies.map(({ definitions }) => definitions),
    "const struct test tests[] = {",
    ...bodies.map(({ entry }) => entry),
    "};",
    "",
    "const int test_count = sizeof tests / sizeof *tests;",
    "",
  ].join("\n");
}

interface CaseBody {
  readonly definitions: string;
  readonly entry: string;
}

function caseBody(source: DocumentCase, index: number): CaseBody {
  const { id, asks, needs, steps } = source;
  const compiled = compileCase({ id, asks, scenario: steps.map(({ step }) => step).join("\n") });
  checkRoom(compiled);
  const { program } = compiled;
  const name = `c${index}`;
  const relocations = program.operations.flatMap(relocationLines);
  const words = wordLines(program.data);
  const list = (type: string, part: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`static const struct ${type} ${name}_${part}[] = {`, ...lines, "};"];
  const count = (part: string, lines: readonly string[]): string =>
    lines.length === 0 ? "0, 0" : `${name}_${part}, ${lines.length}`;
  const operations = program.operations.map((one, i) => operationLine(one, i, compiled));
  const needed = needs === undefined ? "0" : answersText(needs, ",");
  return {
    definitions: [
      `/* ${id} */`,
      ...list("operation", "operations", operations),
      ...list("relocation", "relocations", relocations),
      ...list("word", "data", words),
      ...list(
        "step",
        "steps",
        steps.map((step, i) => stepLine(compiled.steps[i], step.answers)),
      ),
      "",
    ].join("\n"),
    entry: [
      `\t{ ${quoted(id)}, ${quoted(asks)},`,
      `\t  ${needed},`,
      `\t  ${program.actors}, ${count("operations", operations)}, ${count("relocations", relocations)},`,
      `\t  ${count("data", words)}, ${program.data.length}, ${count("steps", [...steps.keys()].map(String))} },`,
    ].join("\n"),
  };
}

function checkRoom({ source, program }: CompiledCase): void {
  const forks = program.operations.filter(({ kind }) => kind === "fork").length;
  if (
    program.actors + forks > ROOM.actors ||
    program.operations.length > ROOM.operations ||
    program.data.length > ROOM.dataBytes
  ) {
    throw new RangeError(`${source.id} is too large for the runner`);
  }
}

function operationLine(operation: Operation, index: number, compiled: CompiledCase): string {
  const line = (kind: string, other: number, call: string, values: readonly Operand[]): string =>
    `\t{ ${kind}, ${actorOf(operation)}, ${other}, ${call}, { ${(values.length === 0 ? [0] : values).map(valueText).join(", ")} } },`;
  switch (operation.kind) {
    case "call":
      return operation.gate === "i386"
        ? line("CALL32", 0, `0, ${operation.number}`, operation.args)
        : line("CALL", 0, callText(operation.number), operation.args);
    case "exit":
      return line("EXIT", 0, callText(operation.number), operation.args);
    case "fork":
      return line("FORK", operation.child, callText(operation.number), operation.args);
    case "exec":
      return line("EXEC", 0, "0, 0", [0]);
    case "load":
      return line("LOAD", 0, "0, 0", [operation.address, operation.bytes]);
    case "store":
      return line("STORE", 0, "0, 0", [operation.address, operation.from, operation.bytes]);
    case "touch": {
      const { address, count, strideBytes, access } = operation;
      return line("TOUCH", 0, "0, 0", [address, count, strideBytes, access === "write" ? 1 : 0]);
    }
    case "settle":
      return line("SETTLE", operation.of, "0, 0", [0]);
    case "read": {
      const window = compiled.steps.find((step) => step.operations.includes(index))?.window;
      const of = operation.of ?? "supervisor";
      if (window === undefined || of === "supervisor") throw new TypeError("what is read here?");
      return line("MAPS", of, "0, 0", [window.address, window.bytes]);
    }
    case "write":
    case "repeat":
    case "fill":
      throw new TypeError(`the runner has no operation ${operation.kind}`);
  }
}

/** The supervisor's own operations have no actor. */
function actorOf({ actor }: Operation): number {
  return actor === "supervisor" ? -1 : actor;
}

/** A call by its name, which is the same everywhere; one that has none by its number. */
function callText(number: number): string {
  const found = Object.entries(SYSCALL_NUMBERS).find(([, abis]) => abis["x86-64"] === number);
  return found === undefined ? `0, ${number}` : `${quoted(found[0])}, 0`;
}

function valueText(value: Operand): string {
  if (typeof value !== "object") return `V(${numberText(value)})`;
  if ("data" in value) return `D(${value.data})`;
  const plus = numberText(value.plus ?? 0);
  if ("result" in value) return `R(${value.result}, ${plus})`;
  if (value.pid === "supervisor") throw new TypeError("no case names the supervisor");
  return `P(${value.pid}, ${plus})`;
}

function numberText(value: number | bigint): string {
  const unsigned = BigInt.asUintN(64, BigInt(value));
  return unsigned < 1024n ? String(unsigned) : `0x${unsigned.toString(16)}`;
}

function relocationLines(operation: Operation, index: number): readonly string[] {
  return (operation.relocations ?? []).map(
    ({ offset, bytes, value }) => `\t{ ${index}, ${offset}, ${bytes}, ${valueText(value)} },`,
  );
}

/** The words that are not zero. */
function wordLines(data: Program["data"]): readonly string[] {
  const whole = new Uint8Array(Math.ceil(data.length / 8) * 8);
  whole.set(data);
  const view = new DataView(whole.buffer);
  const lines: string[] = [];
  for (let offset = 0; offset < whole.length; offset += 8) {
    const word = view.getBigUint64(offset, true);
    if (word !== 0n) lines.push(`\t{ ${offset}, ${numberText(word)} },`);
  }
  return lines;
}

const SHOWS: { readonly [shows in Shows]: string } = {
  number: "NUMBER",
  success: "SUCCESS",
  process: "A_PROCESS",
  made: "MADE",
  access: "ACCESS",
  bytes: "BYTES",
  areas: "AREAS",
};

function stepLine(step: CaseStep | undefined, answers: ByReleases | undefined): string {
  if (step === undefined) throw new TypeError("a step was lost");
  const { line, operations, shows } = step;
  const expected = answers === undefined ? "0" : answersText(answers, " | ");
  return `\t{ ${quoted(line)},\n\t  ${operations[0] ?? 0}, ${operations.at(-1) ?? 0}, ${SHOWS[shows]}, ${expected} },`;
}

function answersText(answers: ByReleases, between: string): string {
  const lines = Object.entries(answers).map(
    ([releases, words]) => `{ ${quoted(releases)}, ${quoted(words.join(between))} }`,
  );
  return `(const struct answers[]){ ${[...lines, "{ 0, 0 }"].join(", ")} }`;
}

/** A string of C. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
