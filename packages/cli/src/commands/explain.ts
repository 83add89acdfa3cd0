import { LogExplainer } from "@kadvise/conformance";
import { ASSUME_OPTION, assumptionsOff } from "../assumeOption.ts";
import type { Command } from "../command.ts";
import { errnoWord } from "../errnoWord.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { logCallText } from "../formats/explainText.ts";
import { pieces, UnreadableInput } from "../inputs.ts";
import { KERNEL_OPTIONS, kernelName, settingsOf } from "../kernelOption.ts";
import { text, texts, type Parsed } from "../options.ts";
import { bold } from "../paint.ts";
import { POLICY_OPTION, policyStack } from "../policyOption.ts";
import { judgedBy, recordedFacts } from "../recordedFacts.ts";
import { note, out } from "../streams.ts";
import { UsageError } from "../usageError.ts";
import { drawSvg } from "../svgOption.ts";
import { explainErrno } from "./explainErrno.ts";
import { explainReason } from "./explainReason.ts";

/** `kadvise explain LOG:LINE`, `kadvise explain REASON-ID` */
export const explain: Command = {
  name: "explain",
  operands: "LOG:LINE | REASON-ID | ERRNO",
  summary:
    "Explains one call of a strace log: the ladder of checks, what became of each range, where to go on, what would change the answer. With a reason's id, prints that reason's page; with an error's name, every reason for it.",
  options: {
    ...KERNEL_OPTIONS,
    ...POLICY_OPTION,
    ...ASSUME_OPTION,
    format: {
      type: "string",
      value: "text|json",
      help: "how to print the explanation; text if unset",
    },
    svg: {
      type: "string",
      value: "FILE",
      help: "draw the areas around the ranges, before the call and behind it",
    },
    releases: {
      type: "string",
      value: "LIST",
      help: "also say what these releases answer to the same call: 5.10.23,6.12,7.3",
    },
  },
  examples: [
    "strace -f -v -o app.log ./app; kadvise explain --kernel auto app.log:172",
    "kadvise explain app.log:172 --releases 5.10.23,5.10.24,6.1,6.12,6.18",
    "kadvise explain process_madvise/remote-needs-cap-sys-nice",
    "kadvise explain EACCES --kernel 6.12",
  ],
  run: explainAny,
};

async function explainAny(parsed: Parsed): Promise<ExitCode> {
  const [what, ...more] = parsed.operands;
  if (what === undefined || more.length > 0)
    throw new UsageError("expected one LOG:LINE, or one REASON-ID such as mm_access/denied");
  const place = /^(.+):(\d+)$/.exec(what);
  if (place !== null) return explainLine(parsed, place[1] ?? "", Number(place[2]));
  const errno = errnoWord(what);
  if (errno !== undefined) return explainErrno(errno, parsed);
  return explainReason(what);
}

const FORMATS = ["text", "json"] as const;

async function explainLine(parsed: Parsed, path: string, line: number): Promise<ExitCode> {
  const format = formatOf(parsed, FORMATS);
  const facts = recordedFacts(path);
  const { kernel, settings } = judgedBy(
    text(parsed, "kernel"),
    settingsOf(texts(parsed, "config")),
    [facts],
  );
  const releases = (text(parsed, "releases") ?? "").split(",").filter((name) => name !== "");
  const policies = await policyStack(texts(parsed, "policy"));
  const explainerOf = (name: string): LogExplainer =>
    new LogExplainer({
      ...{ line, kernel: name, settings },
      ...(facts === undefined ? {} : { facts }),
      assumptionsOff: assumptionsOff(texts(parsed, "assume")),
      ...(policies === undefined ? {} : { policies }),
    });
  const own = explainerOf(kernel);
  const others = releases.map((name) => explainerOf(kernelName(name)));
  try {
    await feed([own, ...others], path);
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    note(`kadvise explain: ${error.message}`);
    return EXIT.badUsage;
  }
  const told = own.result;
  if (told === undefined) {
    const near = own.nearLines.length === 0 ? "" : `; near it: ${own.nearLines.join(", ")}`;
    throw new UsageError(`no call that is judged stands on line ${line} of ${path}${near}`);
  }
  drawSvg(text(parsed, "svg"), told.call, told.ways[0]);
  const answers = others.map(({ profile, result }) => ({
    kernel: profile.name,
    allowed: result?.allowed ?? [],
    reason: result?.reason ?? { id: "judge/not-modelled", text: "not judged" },
  }));
  if (format === "json") {
    out(JSON.stringify({ file: path, ...told, releases: answers }, null, 2));
  } else {
    out(logCallText(told, path));
    if (answers.length > 0) out(`\n${bold("the same call on other releases")}`);
    for (const { kernel: name, allowed, reason } of answers) {
      const why = SUCCEEDS.has(reason.id) ? "" : `: ${reason.text} [${reason.id}]`;
      out(`  ${name.padEnd(8)} ${allowed.join(" or ")}${why}`);
    }
  }
  return told.verdict === "deviation" ? EXIT.deviations : EXIT.conforms;
}

/** What no rule refuses, whatever the log shows of it. */
const SUCCEEDS: ReadonlySet<string> = new Set(["judge/success", "judge/breaks-assumption"]);

async function feed(explainers: readonly LogExplainer[], path: string): Promise<void> {
  for await (const piece of pieces(path)) {
    for (const explainer of explainers) explainer.push(piece);
    if (explainers.every(({ isDone }) => isDone)) return;
  }
  for (const explainer of explainers) explainer.end();
}
