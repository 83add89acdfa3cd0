import { parseScenario, ScenarioMisuse, ScenarioRunner } from "@kadvise/conformance";
import { Kernel } from "@kadvise/kernel";
import { profile } from "@kadvise/releases";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { pieces, UnreadableInput } from "../inputs.ts";
import { KERNEL_OPTIONS, kernelName, settingsOf } from "../kernelOption.ts";
import { given, text, texts, type Parsed } from "../options.ts";
import { dim, red, yellow } from "../paint.ts";
import { firstLine, POLICY_OPTION, policyStack } from "../policyOption.ts";
import { note, out } from "../streams.ts";
import { UsageError } from "../usageError.ts";
import { runOnTarget } from "./runOnTarget.ts";

/** `kadvise run SCENARIO` */
export const run: Command = {
  name: "run",
  operands: "SCENARIO",
  summary:
    "Runs a scenario on the model or a real kernel and prints it as strace would have, with the reason behind each refusal of the model.",
  options: {
    ...KERNEL_OPTIONS,
    ...POLICY_OPTION,
    maps: {
      type: "boolean",
      help: "print every process' maps before and after the steps that changed them",
    },
    target: {
      type: "string",
      value: "TARGET",
      help: "model, host (this machine's kernel), qemu:RELEASE (a kernel in an emulated machine)",
    },
    against: {
      type: "string",
      value: "TARGET",
      help: "run it there too, show both, and say where they differ first",
    },
    image: {
      type: "string",
      value: "PATH",
      help: "the kernel that qemu:RELEASE boots, instead of one below KERNELS_DIR",
    },
  },
  examples: [
    "kadvise run story.scenario --kernel 6.12",
    "kadvise run --kernel seed --maps - < story.scenario",
    "kadvise run story.scenario --target qemu:6.12",
    "kadvise run story.scenario --target model --against host",
  ],
  run: runScenario,
};

async function runScenario(parsed: Parsed): Promise<ExitCode> {
  const [path, ...more] = parsed.operands;
  if (path === undefined || more.length > 0)
    throw new UsageError("expected one SCENARIO (a file, or - for standard input)");
  const { target = "model", against, image, kernel: asked } = targetOptions(parsed);
  const isReal = target !== "model" || against !== undefined;
  const name = isReal && asked === undefined ? undefined : kernelName(asked);
  const settings = settingsOf(texts(parsed, "config"));
  const policies = await policyStack(texts(parsed, "policy"));
  let content = "";
  try {
    for await (const piece of pieces(path)) content += piece;
  } catch (error) {
    if (error instanceof UnreadableInput) throw new UsageError(error.message);
    throw error;
  }
  const scenario = parseScenario(content);
  if ("error" in scenario) {
    const { line, column, expected } = scenario.error;
    throw new UsageError(`${path}:${line}:${column}: expected ${expected}`);
  }
  if (isReal || name === undefined) {
    return runOnTarget({
      ...{ path, steps: scenario.steps, target, settings },
      maps: given(parsed, "maps"),
      ...(against === undefined ? {} : { against }),
      ...(image === undefined ? {} : { image }),
      ...(name === undefined ? {} : { kernel: name }),
    });
  }
  const kernel = new Kernel({
    profile: profile(name, { settings, assume: "all" }),
    ...(policies === undefined ? {} : { policies: policies() }),
  });
  if (!kernel.profile.released) {
    note(
      `kernel: ${name} was never released, and not checked on a real kernel; areas and pages beneath it are those of ${kernel.profile.version}`,
    );
  } else if (!kernel.profile.asked)
    note(`kernel: ${kernel.profile.version} was not checked on a real kernel`);
  return runSteps(new ScenarioRunner(kernel), scenario.steps, path, given(parsed, "maps"));
}

interface TargetOptions {
  readonly target?: string;
  readonly against?: string;
  readonly image?: string;
  readonly kernel?: string;
}

/** The options that say where to run; those that make no sense together are refused. */
function targetOptions(parsed: Parsed): TargetOptions {
  const { target, against, image, kernel } = Object.fromEntries(
    ["target", "against", "image", "kernel"].map((name) => [name, text(parsed, name)]),
  );
  const names = [target, against].filter((name) => name !== undefined);
  for (const name of names) {
    if (name !== "model" && name !== "host" && !/^qemu:./.test(name)) {
      throw new UsageError(`expected model, host or qemu:RELEASE, got "${name}"`);
    }
  }
  if (image !== undefined && !names.some((name) => name.startsWith("qemu:"))) {
    throw new UsageError("--image says which kernel qemu:RELEASE boots: name such a target");
  }
  const isReal = names.some((name) => name !== "model");
  if (isReal && texts(parsed, "policy").length > 0) {
    throw new UsageError("--policy is for the model alone: a real kernel has policies of its own");
  }
  if (
    isReal &&
    !(names.length === 2) &&
    (kernel !== undefined || texts(parsed, "config").length > 0)
  ) {
    throw new UsageError(
      `--kernel and --config say what the model is; ${names[0]} is a real kernel`,
    );
  }
  return {
    ...(target === undefined ? {} : { target }),
    ...(against === undefined ? {} : { against }),
    ...(image === undefined ? {} : { image }),
    ...(kernel === undefined ? {} : { kernel }),
  };
}

function runSteps(
  runner: ScenarioRunner,
  steps: readonly Parameters<ScenarioRunner["run"]>[0][],
  path: string,
  maps: boolean,
): ExitCode {
  let unmet = 0;
  for (const step of steps) {
    const before = maps ? allMaps(runner) : new Map<number, string>();
    const known = runner.actors.size;
    try {
      const report = runner.run(step);
      if (runner.actors.size > known) note(`${step.process} is process ${report.pid}`);
      out(report.outcome.ok ? report.text : yellow(report.text));
      if (report.mismatch !== undefined) {
        unmet++;
        note(red(`${path}:${step.line}: expected ${report.mismatch}`));
      }
    } catch (error) {
      if (error instanceof ScenarioMisuse)
        throw new UsageError(`${path}:${error.line}: ${error.message}`);
      if (error instanceof TypeError && /policy/.test(error.message))
        throw new UsageError(firstLine(error));
      throw error;
    }
    if (maps) printChanges(before, allMaps(runner));
  }
  if (unmet > 0) note(`${unmet} of ${steps.length} steps were not as expected`);
  return unmet > 0 ? EXIT.deviations : EXIT.conforms;
}

function allMaps(runner: ScenarioRunner): ReadonlyMap<number, string> {
  const maps = new Map<number, string>();
  for (const pid of runner.kernel.pids) maps.set(pid, runner.kernel.find(pid)?.maps() ?? "");
  return maps;
}

function printChanges(
  before: ReadonlyMap<number, string>,
  after: ReadonlyMap<number, string>,
): void {
  for (const [pid, text] of after) {
    const old = before.get(pid) ?? "";
    if (old === text) continue;
    const oldLines = new Set(old.split("\n"));
    const newLines = new Set(text.split("\n"));
    for (const line of old.split("\n"))
      if (line !== "" && !newLines.has(line)) out(dim(`# ${pid} - ${line.trimEnd()}`));
    for (const line of text.split("\n"))
      if (line !== "" && !oldLines.has(line)) out(dim(`# ${pid} + ${line.trimEnd()}`));
  }
}
