import { REASONS } from "@kadvise/kernel";
import { MADV } from "@kadvise/uapi";
import { AREA_KINDS } from "./areaKinds.ts";
import { REMOTE_ADVICE } from "./catalogue.ts";
import { coverageOf, type Coverage, type Covered } from "./coverage.ts";
import type { RecordedCampaign } from "./recordedCampaign.ts";

/** docs/coverage.md: what campaigns have seen of everything that there is, kernel by kernel. */
export function coverageDocument(campaigns: readonly RecordedCampaign[]): string {
  const all = coverageOf(campaigns);
  const each = campaigns.map((campaign) => coverageOf([campaign]));
  return [
    ...INTRODUCTION,
    ...counts(campaigns, all, each),
    ...reasonTable(campaigns, all, each),
    ...cellTable("own", Object.keys(MADV), campaigns),
    ...cellTable("remote", REMOTE_ADVICE, campaigns),
    ...errorTable(campaigns, all),
    ...unreachable(all),
    ...toDo(all),
    "",
  ].join("\n");
}

const INTRODUCTION = [
  "# What was seen on real kernels",
  "",
  "Which rules of the model a real kernel has shown in a campaign of generated scenarios, answer by",
  "answer equal to the model's. Made from the campaigns' reports; not written by hand:",
  "",
  "```sh",
  "kadvise fuzz --target TARGET --ops N --seed S --format json > REPORT.json",
  "node scripts/coverage.mjs record REPORT.json…",
  "```",
  "",
];

function counts(
  campaigns: readonly RecordedCampaign[],
  all: Coverage,
  each: readonly Coverage[],
): readonly string[] {
  const row = (name: string, of: (coverage: Coverage) => Covered): string =>
    `| ${[name, ...[...each, all].map((one) => tally(of(one)))].join(" | ")} |`;
  return [
    ...campaigns.flatMap(({ kernel, runs }) =>
      runs.map(
        ({ target, release, version, steps, seed, differences }) =>
          `- ${kernel}: \`${target}\`, ${release}, ${version}; ${steps} steps, seed ${seed}, ${differences} differences`,
      ),
    ),
    "",
    "Seen of what the kernel has and a campaign can reach:",
    "",
    `| | ${campaigns.map(({ kernel }) => kernel).join(" | ")} | all |`,
    `|---${"|---".repeat(campaigns.length + 1)}|`,
    row("reasons", ({ reasons }) => reasons),
    row("advice × kind of area", ({ cells }) => cells),
    row("errors of calls", ({ errors }) => errors),
    "",
  ];
}

function tally({ seen, toDo }: Covered): string {
  return `${seen.length} of ${seen.length + toDo.length}`;
}

function reasonTable(
  campaigns: readonly RecordedCampaign[],
  all: Coverage,
  each: readonly Coverage[],
): readonly string[] {
  const ids = Object.keys(REASONS).filter((id) => all.reasons.unreachable[id] === undefined);
  return [
    "## Reasons",
    "",
    `| reason | error | ${campaigns.map(({ kernel }) => kernel).join(" | ")} |`,
    `|---|---${"|---".repeat(campaigns.length)}|`,
    ...ids.map((id) => {
      const marks = each.map(({ reasons }) => mark(reasons, id));
      return `| \`${id}\` | ${REASONS[id].errno} | ${marks.join(" | ")} |`;
    }),
    "",
    "✓ seen, · to do, a number: the release that has it first.",
    "",
  ];
}

function mark({ seen, otherReleases }: Covered, name: string): string {
  return seen.includes(name) ? "✓" : (otherReleases[name] ?? "·");
}

/** Outcomes of all kernels, in one table: advice down, kinds across would not fit a screen. */
function cellTable(
  whose: string,
  advices: readonly string[],
  campaigns: readonly RecordedCampaign[],
): readonly string[] {
  const outcomes = new Map<string, Set<string>>();
  for (const cell of campaigns.flatMap(({ cells }) => Object.keys(cells))) {
    const at = cell.lastIndexOf(" ");
    const known = outcomes.get(cell.slice(0, at)) ?? new Set();
    outcomes.set(cell.slice(0, at), known.add(cell.slice(at + 1)));
  }
  return [
    whose === "own" ? "## Advice on one's own areas" : "## Advice on areas of others",
    "",
    `| | ${advices.map((name) => `\`${name.replace("MADV_", "")}\``).join(" | ")} |`,
    `|---${"|---".repeat(advices.length)}|`,
    ...AREA_KINDS.map((kind) => {
      const row = advices.map((name) => {
        const seen = outcomes.get(`${name} ${whose} ${kind}`);
        return seen === undefined ? "" : [...seen].sort(okFirst).join(" ");
      });
      return `| ${[kind, ...row].join(" | ")} |`;
    }),
    "",
  ];
}

function okFirst(a: string, b: string): number {
  return Number(b === "ok") - Number(a === "ok") || (a < b ? -1 : 1);
}

function errorTable(campaigns: readonly RecordedCampaign[], all: Coverage): readonly string[] {
  const byCall = new Map<string, string[]>();
  for (const error of all.errors.seen) {
    const [call = "", ...what] = error.split(" ");
    const on = campaigns.filter(({ errors }) => errors[error] !== undefined);
    const where =
      on.length === campaigns.length ? "" : ` (${on.map(({ kernel }) => kernel).join(", ")})`;
    byCall.set(call, [...(byCall.get(call) ?? []), `${what.join(" ")}${where}`]);
  }
  return [
    "## Errors of calls",
    "",
    "| call | seen on all of these kernels, or on the named ones |",
    "|---|---|",
    ...[...byCall].map(([call, what]) => `| \`${call}\` | ${what.join(", ")} |`),
    "",
  ];
}

/** What no campaign can see, by why. */
function unreachable({ reasons, cells }: Coverage): readonly string[] {
  const byWhy = new Map<string, string[]>();
  for (const [name, why] of Object.entries({ ...reasons.unreachable, ...cells.unreachable }))
    byWhy.set(why, [...(byWhy.get(why) ?? []), name]);
  return [
    "## Unreachable",
    "",
    "| why | what |",
    "|---|---|",
    ...[...byWhy].map(([why, names]) => `| ${why} | ${shortened(names)} |`),
    "",
  ];
}

function toDo({ reasons, cells, errors }: Coverage): readonly string[] {
  const list = (name: string, { toDo, otherReleases }: Covered): readonly string[] => {
    const names = [...toDo, ...Object.keys(otherReleases)];
    return names.length === 0 ? [] : [`- ${name}: ${shortened(names)}`];
  };
  return [
    "## To do",
    "",
    ...list("reasons", reasons),
    ...list("advice × kind of area", cells),
    ...list("errors of calls", errors),
  ];
}

/** Names side by side; those that differ in their last word only are told together. */
function shortened(names: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const at = name.lastIndexOf(" ");
    const stem = name.slice(0, Math.max(0, at));
    groups.set(stem, [...(groups.get(stem) ?? []), name.slice(at + 1)]);
  }
  return [...groups]
    .map(([stem, last]) =>
      stem === "" ? last.map((name) => `\`${name}\``).join(", ") : `\`${stem}\` ${last.join(", ")}`,
    )
    .join("; ");
}
