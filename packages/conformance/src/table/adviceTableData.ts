import type { AdviceTableEntry, AdviceTableRow, Profile, Settings } from "@kadvise/releases";
import { MADV, type Abi, type AdviceName } from "@kadvise/uapi";
import { adviceSpans, type AdviceSpan } from "./adviceSpans.ts";
import { adviceTable, type AdviceRow } from "./adviceTable.ts";
import { namedKernels, type TableKernel } from "./tableKernels.ts";

/** The settings whose lack turns an answer: each is tried on every kernel. */
const SETTINGS = ["adviseSyscalls", "ksm", "thp", "memoryFailure", "swap"] as const;

/** The other entries, and what their machines have that x86-64 has not. */
const OTHERS: readonly (readonly [abi: Abi, settings: Partial<Settings>])[] = [
  ["i386", {}],
  ["arm64", { userBits: 48 }],
];

/** The whole table as data: what @kadvise/releases exports as `ADVICE_TABLE`. */
export function adviceTableData(): readonly AdviceTableRow[] {
  const kernels = namedKernels(["all", "seed"]);
  const off = SETTINGS.map((key) => kernels.map((one) => withSettings(one, { [key]: false })));
  const rows = adviceTable({ kernels: [...kernels, ...off.flat()] });
  const others = OTHERS.map(([abi, settings]) =>
    adviceTable({ kernels: kernels.map((one) => withSettings(one, settings)), abis: [abi] }),
  );
  return rows.flatMap((row, i) => {
    const own = adviceSpans(cut(row, kernels.length)).map(entryOf);
    const otherwise = others.map((table) => adviceSpans([table[i]]).map(entryOf));
    return rowsOf(row, own, otherwise);
  });
}

/** The cells of the kernels as they are, then those with each of the settings off. */
function cut(row: AdviceRow, count: number): readonly AdviceRow[] {
  return ["as it is", ...SETTINGS].map((_, i) => ({
    ...row,
    cells: row.cells.slice(i * count, (i + 1) * count),
  }));
}

/** One row for all entries that say the same; settings were turned on x86-64. */
function rowsOf(
  { advice, call }: AdviceRow,
  own: readonly AdviceTableEntry[],
  others: readonly (readonly AdviceTableEntry[])[],
): readonly AdviceTableRow[] {
  const text = JSON.stringify(plain(own));
  const isSame = others.map((entries) => JSON.stringify(plain(entries)) === text);
  const name = advice as AdviceName;
  const row = (abis: readonly Abi[], kernels: readonly AdviceTableEntry[]): AdviceTableRow => ({
    ...{ advice: name, number: MADV[name], call, architectures: abis, kernels },
  });
  const same = OTHERS.flatMap(([abi], i) => (isSame[i] ? [abi] : []));
  const apart = OTHERS.flatMap(([abi], i) => (isSame[i] ? [] : [row([abi], others[i])]));
  return [row(["x86-64", ...same], own), ...apart];
}

/** Entries without what depends on settings, joined where nothing else tells them apart. */
function plain(entries: readonly AdviceTableEntry[]): readonly unknown[] {
  const joined: { text: string; from: string; to: string }[] = [];
  for (const { from, to, without: _without, checked: _checked, ...rest } of entries) {
    const text = JSON.stringify(rest);
    const last = joined.at(-1);
    if (last?.text === text && from !== "seed") last.to = to;
    else joined.push({ text, from, to });
  }
  return joined;
}

function withSettings(kernel: TableKernel, settings: Partial<Settings>): TableKernel {
  const set = (one: Profile): Profile => ({ ...one, settings: { ...one.settings, ...settings } });
  return { ...kernel, usual: set(kernel.usual), others: kernel.others.map(set) };
}

const USUAL_AREA = "private anonymous memory";

/** A kernel's own cell stands first, then one for each setting that is off. */
function entryOf({ from, to, checked, cells: [own, ...others] }: AdviceSpan): AdviceTableEntry {
  const { answer, reason, area, needs = [], open } = own;
  const without = others.flatMap((other, i) =>
    other.answer === answer ? [] : [[SETTINGS[i], other.answer] as const],
  );
  return {
    ...{ from, to, answer },
    ...(reason === undefined ? {} : { reason: reason.id }),
    ...(area === undefined || area === USUAL_AREA ? {} : { area }),
    ...(needs.length === 0 ? {} : { needs }),
    ...(without.length === 0 ? {} : { without: Object.fromEntries(without) }),
    ...(open === undefined ? {} : { open }),
    checked,
  };
}

/** The data as a module of TypeScript: an entry a line. */
export function adviceTableSource(rows: readonly AdviceTableRow[]): string {
  const lines = rows.flatMap(({ kernels, ...row }) => [
    `  {`,
    ...Object.entries(row).map(([name, value]) => `    ${name}: ${literal(value)},`),
    `    kernels: [`,
    ...kernels.map((entry) => `      ${literal(entry)},`),
    `    ],`,
    `  },`,
  ]);
  return [
    "// Made by `node scripts/table.mjs record` from the models of all releases.",
    'import type { AdviceTableRow } from "./adviceAnswer.ts";',
    "",
    "/** Which advice which Linux takes: every cell is an answer of the model. */",
    "export const ADVICE_TABLE: readonly AdviceTableRow[] = [",
    ...lines,
    "];",
    "",
  ].join("\n");
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, inner]) => `${name}: ${literal(inner)}`);
  return `{ ${fields.join(", ")} }`;
}
