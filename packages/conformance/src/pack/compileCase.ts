import type { Operand, Operation, Program } from "../program/program.ts";
import { compileScenario, type CompiledStep } from "../scenario/compileScenario.ts";
import { parseScenario, type Step } from "../scenario/parse.ts";
import type { PackCase } from "./packCase.ts";
import { PACK_IMAGE } from "./packFacts.ts";

/** A case as a program, and which of its operations answer for which line. */
export interface CompiledCase {
  readonly source: PackCase;
  readonly program: Program;
  readonly steps: readonly CaseStep[];
}

/** One line of a case. */
export interface CaseStep {
  /** The line as it is written. */
  readonly line: string;
  readonly actor: number;
  /** Its operations, from the first to the one whose result is the line's. */
  readonly operations: readonly number[];
  readonly shows: Shows;
  /** The range that `areas` shows. */
  readonly window?: Window;
}

/** A range of a process' addresses, of whole pages. */
export interface Window {
  readonly address: Operand;
  readonly bytes: number;
}

/**
 * What of a step's result is its answer:
 *
 * - `number`: the value, or the name of an error;
 * - `success`: that there is one: an address, a descriptor;
 * - `process`: whether there is a process number;
 * - `made`: whether a process could be made what `spawn` asks for;
 * - `access`: how many touches went well, `store` whether all did;
 * - `bytes`: what was read;
 * - `areas`: how a range is cut.
 */
export type Shows = "number" | "success" | "process" | "made" | "access" | "bytes" | "areas";

/** The step that scenarios elsewhere do not have. */
const MAPS = "maps";
const MAPS_PATH = "/proc/%/maps";
const MAPS_BYTES = 0x1_0000;

/**
 * Makes a program of a case, for x86-64.
 *
 * @throws TypeError for a case that is no scenario
 */
export function compileCase(source: PackCase): CompiledCase {
  const lines = source.scenario.split("\n");
  const parsed = parseScenario(source.scenario);
  if ("error" in parsed) {
    throw new TypeError(
      `${source.id}: expected ${parsed.error.expected} in "${parsed.error.text}"`,
    );
  }
  // An observation of a range takes the place of a load of that range.
  const steps = parsed.steps.map((step) => (step.name === MAPS ? { ...step, name: "load" } : step));
  const compiled = compileScenario(steps, { abi: "x86-64", image: PACK_IMAGE });
  const operations: Operation[] = [...compiled.program.operations];
  const caseSteps = compiled.steps.map((step, i): CaseStep => {
    const written = parsed.steps[i];
    const window = written.name === MAPS ? observe(operations, step) : undefined;
    return {
      line: lines[step.step.line - 1] ?? "",
      actor: step.actor,
      operations: step.operations,
      shows: showsOf(written, step),
      ...(window === undefined ? {} : { window }),
    };
  });
  return { source, program: { ...compiled.program, operations }, steps: caseSteps };
}

/** Reads the maps of whoever was to load; what was to be loaded is the window. */
function observe(operations: Operation[], { operations: own }: CompiledStep): Window {
  const last = own.at(-1) ?? -1;
  const load = operations[last];
  if (load?.kind !== "load") throw new TypeError("maps takes an address and a length");
  const { actor: of, address, bytes } = load;
  operations[last] = { kind: "read", actor: "supervisor", path: MAPS_PATH, of, bytes: MAPS_BYTES };
  return { address, bytes };
}

function showsOf(step: Step, { call, binds }: CompiledStep): Shows {
  switch (step.name) {
    case MAPS:
      return "areas";
    case "spawn":
      return "made";
    case "touch":
    case "store":
      return "access";
    case "load":
      return "bytes";
    default:
      if (call?.returns === "pid") return "process";
      if (binds !== undefined || (call?.returns ?? "number") !== "number") return "success";
      return "number";
  }
}
