import {
  parseScenario,
  ScenarioRunner,
  zygoteScenario,
  type Step,
  type StepReport,
} from "@kadvise/conformance";
import { Kernel, workBetween, type Work } from "@kadvise/kernel";
import { profile } from "@kadvise/releases";
import type { Refusal } from "@kadvise/uapi";
import { clip } from "../clip.ts";
import type { Command } from "../command.ts";
import { demoLog } from "../demoLog.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { KERNEL_OPTIONS, kernelName, settingsOf } from "../kernelOption.ts";
import { given, text, texts, type Parsed } from "../options.ts";
import { bold, dim, yellow } from "../paint.ts";
import { drawAreas, LEGEND } from "../picture.ts";
import { out } from "../streams.ts";
import { tellVerdict } from "./demoVerdict.ts";

const DEFAULT_KERNEL = "6.12";

/** `kadvise demo` */
export const demo: Command = {
  name: "demo",
  operands: "",
  summary:
    "A manager advises the 2000 areas of another process: what Linux returns, why, what changed, what it cost.",
  options: {
    ...KERNEL_OPTIONS,
    scenario: { type: "boolean", help: "print the scenario instead, for kadvise run" },
  },
  examples: ["kadvise demo --kernel seed", "kadvise demo --scenario | kadvise run -"],
  run: tell,
};

function tell(parsed: Parsed): Promise<ExitCode> {
  const source = zygoteScenario();
  if (given(parsed, "scenario")) {
    out(source.trimEnd());
    return Promise.resolve(EXIT.conforms);
  }
  const name =
    text(parsed, "kernel") === undefined ? DEFAULT_KERNEL : kernelName(text(parsed, "kernel"));
  const settings = settingsOf(texts(parsed, "config"));
  const kernel = new Kernel({ profile: profile(name, { settings, assume: "all" }) });
  const scenario = parseScenario(source);
  if ("error" in scenario) throw new Error("the demo's own scenario cannot be read");
  const unmet = tellStory(kernel, scenario.steps);
  const log = demoLog();
  if (log !== undefined) tellVerdict(log);
  return Promise.resolve(unmet > 0 ? EXIT.deviations : EXIT.conforms);
}

/** Which part of the story a step belongs to. */
function chapterOf(step: Step): string {
  if (step.process === "guest" || step.process === "stranger") return "refused";
  if (step.process !== "manager")
    return step.args[2]?.text === "read" ? "the app again" : "the app";
  if (step.name !== "process_madvise") return "the manager";
  const vlen = step.args[2]?.text ?? "";
  if (Number(vlen) > 1024) return "refused";
  if (vlen === "1") return "MADV_COLD by single calls";
  return `${step.args[3]?.text ?? ""} by vectors`;
}

const WIDTH = 110;

function tellStory(kernel: Kernel, steps: readonly Step[]): number {
  const runner = new ScenarioRunner(kernel);
  const costs: { readonly chapter: string; readonly work: Work }[] = [];
  let unmet = 0;
  let i = 0;
  out(bold(`kadvise demo, Linux ${kernel.profile.name}`));
  while (i < steps.length) {
    const chapter = chapterOf(steps[i]);
    const before = kernel.work;
    out("");
    out(bold(chapter));
    const isDrawnByStep = chapter.endsWith("by vectors");
    const lines: string[] = [];
    for (; i < steps.length && chapterOf(steps[i]) === chapter; i++) {
      const report = runner.run(steps[i]);
      if (report.mismatch !== undefined) unmet++;
      lines.push(...storyLines(report));
      if (!isDrawnByStep) continue;
      printSome(lines.splice(0));
      drawApp(kernel);
    }
    printSome(lines);
    if (chapter.startsWith("MADV_"))
      costs.push({ chapter, work: workBetween(before, kernel.work) });
    if (chapter === "the app" || chapter.endsWith("single calls")) drawApp(kernel);
  }
  printCosts(costs);
  return unmet;
}

/** A call, and below a refusal its reason and what that stands on. */
function storyLines(report: StepReport): readonly string[] {
  const { outcome } = report;
  if (outcome.ok) return [clip(report.text, WIDTH)];
  const lines = [yellow(clip(report.text.replace(/ \/\* \S+ \*\/$/, ""), WIDTH))];
  for (
    let refusal: Refusal | undefined = outcome;
    refusal !== undefined;
    refusal = refusal.because
  ) {
    lines.push(`        ${refusal.reason.text} ${dim(`[${refusal.reason.id}]`)}`);
  }
  return lines;
}

function printSome(lines: readonly string[]): void {
  const shown =
    lines.length <= 16
      ? lines
      : [...lines.slice(0, 3), dim(`      … ${lines.length - 4} more calls`), ...lines.slice(-1)];
  for (const line of shown) out(`  ${line}`);
}

function drawApp(kernel: Kernel): void {
  const app = kernel.pids
    .map((pid) => kernel.machine.processes.find(pid)?.thread?.payload.mm)
    .find((mm) => (mm?.areas.count ?? 0) > 1000);
  if (app === undefined) return;
  for (const line of drawAreas(app, 80, 5)) out(`  ${line}`);
  out(
    dim(
      `  ${" ".repeat(13)}${LEGEND}: ${app.areas.count} areas, ${app.anonymousPages} pages in memory, ${app.swapEntries} in swap`,
    ),
  );
}

const COUNTED: readonly (keyof Work)[] = [
  "systemCalls",
  "pidfdLookups",
  "accessChecks",
  "mmapLocks",
  "tlbFlushes",
];
const HEADINGS = ["calls", "pidfd look-ups", "access checks", "mmap locks", "TLB flushes"];

function printCosts(costs: readonly { readonly chapter: string; readonly work: Work }[]): void {
  out("");
  out(bold("what it cost"));
  out(`  ${"".padEnd(28)}${HEADINGS.map((heading) => heading.padStart(15)).join("")}`);
  for (const { chapter, work } of costs) {
    out(`  ${chapter.padEnd(28)}${COUNTED.map((key) => String(work[key]).padStart(15)).join("")}`);
  }
}
