import {
  CannotRun,
  compileScenario,
  differentViews,
  followProgram,
  observedText,
  openTarget,
  placesOf,
  REAL_TARGETS,
  scenarioLines,
  ScenarioMisuse,
  type CompiledScenario,
  type Followed,
  type ProgramResult,
  type ScenarioLine,
  type Step,
  type Target,
  type TargetFacts,
} from "@kadvise/conformance";
import { profile, type Settings } from "@kadvise/releases";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { dim, red, yellow } from "../paint.ts";
import { note, out } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** A scenario that is to be run on real kernels. */
export interface TargetRun {
  readonly path: string;
  readonly steps: readonly Step[];
  readonly target: string;
  readonly against?: string;
  readonly image?: string;
  readonly maps: boolean;
  /** Which kernel the model is, if not the one that it is held against. */
  readonly kernel?: string;
  readonly settings: Partial<Settings>;
}

/** Runs a scenario on a real kernel, alone or beside the model. */
export async function runOnTarget(run: TargetRun): Promise<ExitCode> {
  const real = realTarget(run);
  let target: Target | undefined;
  try {
    target = openTarget(real, run.image === undefined ? {} : { image: run.image });
    const facts = await target.describe();
    note(`${real}: Linux ${facts.kernel} (${facts.release}, ${facts.version})`);
    const compiled = compile(run, facts);
    const [result] = await target.run([compiled.program]);
    return run.against === undefined
      ? printAlone(run, compiled, result)
      : printBoth(run, compiled, result, real, facts);
  } catch (error) {
    if (error instanceof RangeError && target === undefined) throw new UsageError(error.message);
    if (!(error instanceof CannotRun)) throw error;
    note(`kadvise run: cannot run on ${real}: ${error.message}`);
    return EXIT.cannotRun;
  } finally {
    await target?.close();
  }
}

/** Of a target and what it is held against, one is the model and the other is not. */
function realTarget({ target, against }: TargetRun): string {
  if (against === undefined) return target;
  const real = [target, against].filter((name) => name !== "model");
  const [only] = real;
  if (real.length === 1 && only !== undefined) return only;
  throw new UsageError(
    `--target ${target} --against ${against}: one of them is model, the other ${REAL_TARGETS.join(" or ")}`,
  );
}

function compile(
  { path, steps, maps, against, kernel }: TargetRun,
  facts: TargetFacts,
): CompiledScenario {
  try {
    const image = facts.images["plain"] ?? "";
    const isEach = maps || against !== undefined;
    const places = placesOf(facts.start);
    const { abi } = facts;
    return compileScenario(steps, {
      ...{ abi, image, places },
      ...(isEach ? { mapsEvery: 1 } : {}),
      // How a view is written differs from release to release: only the target's own model has it.
      ...(against === undefined || kernel !== undefined ? {} : { views: { smaps: "all" } }),
    });
  } catch (error) {
    if (error instanceof ScenarioMisuse) {
      throw new UsageError(`${path}:${error.line}: ${error.message}`);
    }
    throw error;
  }
}

function printAlone(run: TargetRun, compiled: CompiledScenario, result: ProgramResult): ExitCode {
  const lines = scenarioLines(compiled, result);
  const printer = new Printer(run.path);
  const maps = new Map<number, string>();
  for (const [i, line] of lines.entries()) {
    printer.print(line, "");
    if (run.maps) printMaps(maps, compiled, i, result);
  }
  if (result.end === "crashed") note(red(`the kernel went down:\n${result.console ?? ""}`));
  if (printer.unmet > 0)
    note(`${printer.unmet} of ${compiled.steps.length} steps were not as expected`);
  return printer.unmet > 0 || result.end === "crashed" ? EXIT.deviations : EXIT.conforms;
}

function printBoth(
  run: TargetRun,
  compiled: CompiledScenario,
  result: ProgramResult,
  real: string,
  facts: TargetFacts,
): ExitCode {
  const kernel = modelProfile(run, facts);
  const followed = followProgram({
    facts,
    profile: kernel,
    program: compiled.program,
    seen: result,
  });
  const printer = new Printer(run.path);
  const width = Math.max(real.length, "model".length) + 1;
  const label = (name: string): string => name.padEnd(width);
  const modelled = scenarioLines(compiled, { operations: followed.results, pids: result.pids });
  const { difference } = followed;
  const different = compiled.steps.findIndex(
    ({ operations, maps, views }) =>
      difference !== undefined &&
      [...operations, ...maps.values(), ...views].some((i) => i >= difference.operation),
  );
  for (const [i, line] of scenarioLines(compiled, result).entries()) {
    const own = modelled[i];
    const isBeyond = different >= 0 && i > different;
    if (own === undefined || isBeyond) printer.print(line, label(real));
    else if (own.plain === line.plain) printer.print({ ...line, text: own.text }, label("both"));
    else {
      printer.print(own, label("model"), false);
      printer.print(line, label(real));
    }
    if (i === different) printDifference(run, line.step, compiled, followed, real);
  }
  const allowed = [...new Set(followed.departures.map(({ id }) => id))];
  if (allowed.length > 0) note(`merely allowed: ${allowed.join(", ")}`);
  if (result.end === "crashed") note(red(`the kernel went down:\n${result.console ?? ""}`));
  const isSound = difference === undefined && result.end !== "crashed" && printer.unmet === 0;
  return isSound ? EXIT.conforms : EXIT.deviations;
}

function modelProfile(
  { kernel, settings }: TargetRun,
  facts: TargetFacts,
): ReturnType<typeof profile> {
  const name = kernel ?? facts.kernel;
  try {
    return profile(name, { settings: { ...facts.settings, ...settings }, assume: "all" });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Says where the first difference is, and what it is where the lines do not show it. */
function printDifference(
  run: TargetRun,
  step: Step,
  { program }: CompiledScenario,
  { difference }: Followed,
  real: string,
): void {
  if (difference === undefined) return;
  note(red(`${run.path}:${step.line}: the first difference between model and ${real}`));
  const { seen, modelled } = difference;
  if (seen.state === "faulted" || modelled.state === "faulted") {
    const where = (one: typeof seen): string =>
      one.state === "faulted"
        ? `signal ${one.signal} (code ${one.code}) at 0x${(one.address ?? 0n).toString(16)}`
        : "no signal";
    note(`model: ${where(modelled)}; ${real}: ${where(seen)}`);
  }
  const views = differentViews(program, difference);
  if (views !== undefined) {
    for (const line of views) out(dim(`# model  ${line}`));
    return;
  }
  if (seen.payload === undefined && modelled.payload === undefined) return;
  const [theirs, ours] = [seen, modelled].map((one) => observedText(one).split("\n"));
  for (const line of ours) if (!theirs.includes(line)) out(dim(`# model  ${line}`));
  for (const line of theirs) if (!ours.includes(line)) out(dim(`# ${real}  ${line}`));
}

function printMaps(
  before: Map<number, string>,
  { steps }: CompiledScenario,
  index: number,
  { operations, pids }: ProgramResult,
): void {
  for (const [actor, operation] of steps[index]?.maps ?? []) {
    const result = operations[operation];
    if (result === undefined || result.state !== "done") continue;
    const text = observedText(result);
    const old = before.get(actor);
    before.set(actor, text);
    if (old === undefined || old === text) continue;
    const [oldLines, newLines] = [old, text].map((lines) => new Set(lines.split("\n")));
    for (const line of oldLines) if (!newLines.has(line)) out(dim(`# ${pids[actor]} - ${line}`));
    for (const line of newLines) if (!oldLines.has(line)) out(dim(`# ${pids[actor]} + ${line}`));
  }
}

/** Prints lines, and counts the expectations that were not met. */
class Printer {
  private readonly path: string;
  unmet = 0;

  constructor(path: string) {
    this.path = path;
  }

  print(line: ScenarioLine, label: string, counts = true): void {
    const text = line.isRefusal ? yellow(line.text) : line.text;
    out(`${label}${text}`);
    if (line.note !== undefined) note(`${this.path}:${line.step.line}: ${line.note}`);
    if (line.mismatch === undefined || !counts) return;
    this.unmet++;
    note(red(`${this.path}:${line.step.line}: expected ${line.mismatch}`));
  }
}
