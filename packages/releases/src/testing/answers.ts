import { readFileSync, writeFileSync } from "node:fs";

/** What one kernel answered. */
export interface KernelAnswers {
  /** `uname -r`. */
  readonly release: string;
  /** `uname -v`. */
  readonly build: string;
  /** By question. */
  readonly answers: ReadonlyMap<string, string>;
}

/** Reads what the probe prints: a line for a question, id and answer with a tab between them. */
export function readAnswers(text: string): KernelAnswers[] {
  const kernels: KernelAnswers[] = [];
  let answers = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [id = "", answer] = line.split("\t");
    if (answer === undefined) continue;
    if (id === "release") answers = new Map();
    if (id === "end") {
      const { release = "", version = "", ...rest } = Object.fromEntries(answers);
      kernels.push({ release, build: version, answers: new Map(Object.entries(rest)) });
    } else answers.set(id, answer);
  }
  return kernels;
}

/** The version of a kernel: Debian's `uname -r` can name the ABI only, its `uname -v` has it. */
export function versionOf(kernel: KernelAnswers): string {
  return (
    /Debian (\d+\.\d+\.\d+)/.exec(kernel.build)?.[1] ??
    /^\d+\.\d+\.\d+/.exec(kernel.release)?.[0] ??
    kernel.release
  );
}

const RECORDED = new URL("../../probe/answers.json", import.meta.url);

/** probe/answers.json: for each question the kernels that gave each answer. */
interface AnswersFile {
  readonly kernels: { readonly [version: string]: { release: string; build: string } };
  readonly questions: { readonly [id: string]: { readonly [answer: string]: string } };
}

/** The recorded answers. */
export function recordedAnswers(): ReadonlyMap<string, KernelAnswers> {
  const { kernels, questions } = JSON.parse(readFileSync(RECORDED, "utf8")) as AnswersFile;
  return new Map(
    Object.entries(kernels).map(([version, uname]) => {
      const answers = Object.entries(questions).map(([id, groups]): [string, string] => {
        const given = Object.entries(groups).find(([, who]) => who.split(" ").includes(version));
        return [id, given?.[0] ?? "not asked"];
      });
      return [version, { ...uname, answers: new Map(answers) }];
    }),
  );
}

/** Writes the answers of all kernels, oldest first. */
export function recordAnswers(kernels: readonly KernelAnswers[]): void {
  const sorted = kernels.toSorted((a, b) =>
    versionOf(a).localeCompare(versionOf(b), "en", { numeric: true }),
  );
  const questions: Record<string, Record<string, string>> = {};
  for (const kernel of sorted) {
    for (const [id, answer] of kernel.answers) {
      const groups = (questions[id] ??= {});
      groups[answer] = [groups[answer], versionOf(kernel)].filter(Boolean).join(" ");
    }
  }
  const file: AnswersFile = {
    kernels: Object.fromEntries(
      sorted.map((kernel) => [versionOf(kernel), { release: kernel.release, build: kernel.build }]),
    ),
    questions,
  };
  writeFileSync(RECORDED, `${JSON.stringify(file, undefined, 2)}\n`);
}
