import { Checker, type CheckReport, type LogFacts } from "@kadvise/conformance";
import { ASSUME_OPTION, assumptionsOff } from "../assumeOption.ts";
import type { Command } from "../command.ts";
import { EXIT, worse, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { checkText } from "../formats/checkText.ts";
import { REPORT_FORMATS } from "../formats/reportFormats.ts";
import { pieces, sizeOf, UnreadableInput } from "../inputs.ts";
import { KERNEL_OPTIONS, settingsOf } from "../kernelOption.ts";
import { given, text, texts, wholeNumber, type Parsed } from "../options.ts";
import { firstLine, POLICY_OPTION, policyStack } from "../policyOption.ts";
import { Progress } from "../progress.ts";
import { judgedBy, recordedFacts } from "../recordedFacts.ts";
import { note, out, whenInterrupted } from "../streams.ts";
import { UsageError } from "../usageError.ts";

const FORMATS = ["text", ...Object.keys(REPORT_FORMATS)] as const;

/** `kadvise check LOG…` */
export const check: Command = {
  name: "check",
  operands: "LOG…",
  summary:
    "Judges strace logs: every result in scope is exact, constrained, undetermined or a deviation from what Linux allows.",
  options: {
    ...KERNEL_OPTIONS,
    ...POLICY_OPTION,
    format: {
      type: "string",
      value: "text|json|jsonl|ktap|junit|sarif|github",
      help: "how to print the verdicts; text if unset",
    },
    all: {
      type: "boolean",
      help: "print every judged result, not only deviations and unread lines",
    },
    lint: {
      type: "boolean",
      help: "also tell what is suspicious whatever Linux answers: advice joined by |, probes that prove nothing",
    },
    strict: { type: "boolean", help: "undetermined results and unread lines count as deviations" },
    ...ASSUME_OPTION,
    "max-findings": {
      type: "string",
      value: "N",
      help: "report at most N findings; 1000 if unset",
    },
  },
  examples: [
    "strace -f -v -o app.log ./app; kadvise check --kernel auto app.log",
    "kadvise check --kernel 6.12 --format json *.strace",
  ],
  run: checkLogs,
};

async function checkLogs(parsed: Parsed): Promise<ExitCode> {
  if (parsed.operands.length === 0)
    throw new UsageError("expected at least one LOG (a file, or - for standard input)");
  const format = formatOf(parsed, FORMATS);
  const maxFindings = wholeNumber(parsed, "max-findings");
  const policies = await policyStack(texts(parsed, "policy"));
  const facts = new Map(parsed.operands.map((path) => [path, recordedFacts(path)]));
  const config = settingsOf(texts(parsed, "config"));
  const checker = new Checker({
    ...judgedBy(text(parsed, "kernel"), config, [...facts.values()]),
    assumptionsOff: assumptionsOff(texts(parsed, "assume")),
    all: given(parsed, "all"),
    lint: given(parsed, "lint"),
    ...(policies === undefined ? {} : { policies }),
    ...(maxFindings === undefined ? {} : { maxFindings }),
  });
  const print = (): void => {
    const report = checker.finish();
    const write = REPORT_FORMATS[format];
    if (write === undefined) checkText(report, given(parsed, "all"));
    else out(write(report));
  };
  const done = whenInterrupted(print);
  let code: ExitCode = EXIT.conforms;
  for (const path of parsed.operands)
    code = worse(code, await checkLog(checker, path, facts.get(path)));
  done();
  print();
  return worse(code, verdictCode(checker.finish(), given(parsed, "strict")));
}

/** Judges one log. What cannot be read is said, and the others are judged all the same. */
async function checkLog(
  checker: Checker,
  path: string,
  facts: LogFacts | undefined,
): Promise<ExitCode> {
  const progress = new Progress(path, sizeOf(path));
  let log: ReturnType<Checker["log"]> | undefined;
  try {
    for await (const piece of pieces(path)) {
      log ??= checker.log(path, facts);
      log.push(piece);
      progress.advance(piece.length);
    }
    if (log === undefined) note(`${path}: empty, nothing to judge`);
    log?.end();
    return EXIT.conforms;
  } catch (error) {
    if (error instanceof UnreadableInput) {
      // What was read so far counts all the same.
      log?.end();
      note(`kadvise check: ${error.message}`);
      return EXIT.badUsage;
    }
    if (error instanceof TypeError && /policy/.test(error.message))
      throw new UsageError(firstLine(error));
    throw error;
  } finally {
    progress.end();
  }
}

function verdictCode(report: CheckReport, strict: boolean): ExitCode {
  if (report.deviations > 0) return EXIT.deviations;
  return strict && report.undetermined + report.unread > 0 ? EXIT.deviations : EXIT.conforms;
}
