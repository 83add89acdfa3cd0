/** What the runner said of one case. */
export interface KtapCase {
  readonly id: string;
  readonly state: "ok" | "not ok" | "skip";
  /** Why it was skipped. */
  readonly reason?: string;
  /** What came of each step, where it was run with `--answers`. */
  readonly answers: readonly string[];
  /** The lines that explain a case that is not ok. */
  readonly diagnostics: readonly string[];
}

/** Everything that the runner printed. */
export interface Ktap {
  readonly version: string;
  /** `uname -s -r -v`, as it stands on the first comment. */
  readonly system: string;
  readonly planned: number;
  readonly cases: readonly KtapCase[];
  readonly totals: string;
}

/** Reads the Kernel Test Anything Protocol as the runner writes it. */
export function readKtap(text: string): Ktap {
  const [version = "", ...lines] = text.split("\n");
  const cases: KtapCase[] = [];
  const diagnostics: string[] = [];
  let answers: string[] = [];
  let planned = 0;
  let system = "";
  let totals = "";
  for (const line of lines) {
    const result = /^(ok|not ok) (\d+) (\S+)(?: # SKIP (.*))?$/.exec(line);
    const step = /^# step \d+: (.*)$/.exec(line);
    if (result !== null) {
      const [, state, number, id = "", reason] = result;
      if (Number(number) !== cases.length + 1) throw new Error(`out of order: ${line}`);
      cases.push({
        ...{ id, answers, diagnostics: diagnostics.splice(0) },
        state: reason !== undefined ? "skip" : state === "ok" ? "ok" : "not ok",
        ...(reason === undefined ? {} : { reason }),
      });
      answers = [];
    } else if (step !== null) answers.push(step[1] ?? "");
    else if (/^1\.\.\d+/.test(line)) planned = Number(line.slice(3));
    else if (line.startsWith("# Totals: ")) totals = line.slice(10);
    else if (line.startsWith("# Linux ")) system = line.slice(2);
    else if (line.startsWith("# ") && planned > 0) diagnostics.push(line.slice(2));
  }
  return { version, system, planned, cases, totals };
}
