import {
  areaProbe,
  buildCaller,
  CannotRun,
  explainPair,
  HOST_FILES,
  liveProfile,
  liveWorld,
  makeCalls,
  pageCounts,
  planCalls,
  readMachine,
  readPair,
  smapsTotals,
  type Choice,
  type FoundPair,
  type Plan,
  type ProcReader,
} from "@kadvise/conformance";
import type { Profile } from "@kadvise/releases";
import { MADV } from "@kadvise/uapi";
import { adviceOf, numberOf } from "../adviceOption.ts";
import { errnoWord } from "../errnoWord.ts";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { whyText, type CallTold, type WhyReport } from "../formats/whyText.ts";
import { KERNEL_OPTIONS, kernelName, settingsOf } from "../kernelOption.ts";
import { given, text, texts, wholeNumber, type Parsed } from "../options.ts";
import { POLICY_OPTION, policyStack } from "../policyOption.ts";
import { note, out } from "../streams.ts";
import { UsageError } from "../usageError.ts";
import { chosenRanges } from "../rangeOption.ts";
import { drawSvg } from "../svgOption.ts";
import { explainErrno } from "./explainErrno.ts";

/** `kadvise why --pid N`, `kadvise why ERRNO` */
export const why: Command = {
  name: "why",
  operands: "[ERRNO]",
  summary:
    "Says what process_madvise on a living process would answer, and why, before anything is called: from what /proc shows of caller, target and machine. What could not be read is named, and leaves the answer undecided. Only --apply makes the calls.",
  options: {
    pid: { type: "string", value: "PID", help: "the target" },
    from: { type: "string", value: "PID", help: "the caller; this very process if unset" },
    advice: { type: "string", value: "ADVICE", help: "MADV_PAGEOUT if unset" },
    range: {
      type: "string",
      value: "START-END",
      multiple: true,
      help: "advise this range, in hexadecimal as maps prints it; several are one vector",
    },
    heap: { type: "boolean", help: "advise the heap" },
    anon: {
      type: "boolean",
      help: "advise private anonymous memory; so it is if nothing is chosen",
    },
    all: { type: "boolean", help: "advise everything that maps shows" },
    svg: {
      type: "string",
      value: "FILE",
      help: "draw the areas around the ranges of the first call, before it and behind it",
    },
    apply: { type: "boolean", help: "make the calls, and compare what comes back" },
    ...KERNEL_OPTIONS,
    ...POLICY_OPTION,
    format: { type: "string", value: "text|json", help: "how to print; text if unset" },
  },
  examples: [
    "kadvise why --pid 1234",
    "kadvise why --pid 1234 --advice cold --heap --apply",
    "kadvise why --pid 1234 --from 77 --range 7f0000000000-7f0000200000",
    "kadvise why EACCES",
  ],
  run: askWhy,
};

async function askWhy(parsed: Parsed): Promise<ExitCode> {
  const [word, ...more] = parsed.operands;
  if (word !== undefined) {
    const errno = errnoWord(word);
    if (more.length > 0 || errno === undefined)
      throw new UsageError(`expected --pid PID, or the name of an error such as EACCES`);
    return explainErrno(errno, parsed);
  }
  const pid = wholeNumber(parsed, "pid");
  if (pid === undefined) throw new UsageError("expected --pid PID, or an error such as EACCES");
  const format = formatOf(parsed, ["text", "json"]);
  if (process.platform !== "linux") {
    note("kadvise why: needs a Linux machine, and its /proc");
    return EXIT.cannotRun;
  }
  const from = wholeNumber(parsed, "from") ?? process.pid;
  const isApplied = given(parsed, "apply");
  if (isApplied && from !== process.pid)
    throw new UsageError("--apply calls as this process; leave --from out");
  const found = readPair(HOST_FILES, from, pid, process.pid);
  if ("missing" in found) {
    note(`kadvise why: there is no process ${found.missing}`);
    return EXIT.badUsage;
  }
  const { threadGroup } = found.pair.target;
  if (threadGroup !== pid)
    throw new UsageError(
      `${pid} is a thread of process ${threadGroup}, and pidfd_open takes no such thread; ask for --pid ${threadGroup}`,
    );
  try {
    const report = await tellWhy(parsed, found, isApplied);
    const title = `process_madvise of ${report.target.pid} ${report.target.name}`;
    drawSvg(text(parsed, "svg"), title, report.calls[0]?.prediction.ways[0]);
    out(format === "json" ? JSON.stringify(report, null, 2) : whyText(report));
    return report.calls.some(({ isAsPredicted }) => isAsPredicted === false)
      ? EXIT.deviations
      : EXIT.conforms;
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    note(`kadvise why: ${error.message}`);
    return EXIT.cannotRun;
  }
}

async function tellWhy(parsed: Parsed, found: FoundPair, isApplied: boolean): Promise<WhyReport> {
  const { pair, couldRead } = found;
  const { caller, target } = pair;
  const advice = numberOf(adviceOf(text(parsed, "advice") ?? "MADV_PAGEOUT", "x86-64"), "x86-64");
  const machine = readMachine(HOST_FILES);
  const asked = text(parsed, "kernel");
  const profile = liveProfile(machine, {
    kernel: asked === undefined ? kernelName(machine.kernel) : kernelName(asked),
    settings: settingsOf(texts(parsed, "config")),
  });
  const policies = await policyStack(texts(parsed, "policy"));
  const stack = policies === undefined ? {} : { policies };
  const plan = planFor(found, chosenRanges(parsed), advice, profile);
  const pageBytes = 2 ** profile.settings.pageShift;
  const told: CallTold[] = plan.calls.map((call) => {
    const prediction = explainPair({ pair, profile, call, couldRead, ...stack });
    const pages = call.ranges.map((range) => pageCounts(HOST_FILES, target.pid, range, pageBytes));
    return { ...call, prediction, pages: pages.includes(undefined) ? undefined : summed(pages) };
  });
  const report = {
    schemaVersion: 1 as const,
    kernel: profile.name,
    advice,
    ...{ caller, target },
    leftOut: plan.leftOut,
    calls: told,
    notes: notesOn(found, advice, profile),
  };
  return isApplied ? applied(report, plan, HOST_FILES) : report;
}

function planFor({ pair }: FoundPair, choice: Choice, advice: number, profile: Profile): Plan {
  const { world, caller, target } = liveWorld({ profile, assumptionsOff: [] }, pair, 0);
  const { mm } = target.task;
  world.choices.begin({ shown: [], outputs: [] }, []);
  // Where no area is known, an empty vector asks for access alone.
  if (choice.kind !== "ranges" && pair.target.areas === undefined)
    return { calls: [{ advice, ranges: [] }], leftOut: [] };
  const probe = mm === undefined ? () => undefined : areaProbe(mm, caller.task, advice);
  return planCalls(pair.target, choice, advice, probe, 2 ** profile.settings.pageShift);
}

/** What is taken for granted, and what the answer does not tell. */
function notesOn({ pair, couldRead }: FoundPair, advice: number, profile: Profile): string[] {
  const notes = ["what /proc showed holds until the call is made"];
  if (pair.caller.pid !== pair.target.pid) notes.push("the two processes share no memory");
  if (couldRead === undefined && pair.caller.pid !== pair.target.pid)
    notes.push("no Landlock domain stands between the two: /proc does not show them");
  if (advice === MADV.MADV_PAGEOUT && !profile.settings.swap)
    notes.push("no swap is on: private pages stay in memory, however many bytes are counted");
  return notes;
}

/** Makes the calls, and holds what came back against what was predicted. */
function applied(report: WhyReport, plan: Plan, files: ProcReader): WhyReport {
  const program = buildCaller();
  const { pid } = report.target;
  const ranges = plan.calls.flatMap((call) => call.ranges);
  const totals = (): WhyReport["before"] => {
    const smaps = files.text(`/proc/${pid}/smaps`);
    return smaps.ok ? smapsTotals(smaps.text, ranges) : undefined;
  };
  const before = totals();
  const made = makeCalls(program, pid, plan.calls);
  const after = totals();
  const calls = report.calls.map((call, i): CallTold => {
    const answered = made.open < 0 ? made.open : (made.answers[i] ?? Number.NaN);
    const { value } = call.prediction;
    return {
      ...call,
      answered,
      ...(value === undefined ? {} : { isAsPredicted: value === answered }),
    };
  });
  return { ...report, calls, ...(before && after ? { before, after } : {}) };
}

type Pages = ReturnType<typeof pageCounts>;

function summed(list: readonly Pages[]): Pages {
  const sum = { pages: 0, present: 0, alone: 0, swapped: 0 };
  for (const counts of list) {
    sum.pages += counts?.pages ?? 0;
    sum.present += counts?.present ?? 0;
    sum.alone += counts?.alone ?? 0;
    sum.swapped += counts?.swapped ?? 0;
  }
  return sum;
}
