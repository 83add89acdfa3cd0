import type { BenchReport, LoadFigures, Spread } from "@kadvise/conformance/bench";

/** A benchmark's figures as a table. */
export function benchText(report: BenchReport): string {
  const { loads, skipped, vectors, memory, growth = [] } = report;
  const rows = [
    ["load", "model", "kernel", "ratio", "least", "for one"],
    ...loads.map((load) => [
      ...[load.id, nanoseconds(load.model), nanoseconds(load.kernel)],
      ...[load.ratio.toFixed(1), `${load.least}${isMet(load) ? "" : " not met"}`, load.unit],
    ]),
  ];
  return [
    `Linux ${report.kernel} (${report.release}) against the model of ${report.model}, ${report.rounds} rounds;`,
    "nanoseconds: the median, and from the tenth to the ninetieth of a hundred.",
    "The model moves no page and flushes nothing: the kernel's figure is the yardstick, not the loser.",
    "",
    ...table(rows),
    ...skipped.map(({ id, why }) => `${id}: skipped: ${why}`),
    ...(vectors === undefined
      ? []
      : [
          "",
          `vectors save ${percent(vectors.model)} on the model, ${percent(vectors.kernel)} on the kernel`,
        ]),
    ...(memory === undefined
      ? []
      : [
          `${memory.bytesPerPage.toFixed(1)} bytes a resident page, ${memory.bytesPerArea.toFixed(0)} bytes an area; ${(memory.pages / 1e6).toFixed(0)} million pages in ${(memory.residentBytes / 2 ** 20).toFixed(0)} MiB`,
        ]),
    ...growth.map(
      ({ areas, order, nanoseconds }) =>
        `an area more among ${areas.toLocaleString("en")}, ${order} order: ${nanoseconds.toFixed(0)} ns`,
    ),
  ].join("\n");
}

/** Whether a load reaches its ratio. */
export function isMet({ ratio, least }: LoadFigures): boolean {
  return ratio >= least;
}

function nanoseconds({ median, low, high }: Spread): string {
  return `${median.toFixed(0)} (${low.toFixed(0)}-${high.toFixed(0)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
      )
      .join("  ")
      .trimEnd(),
  );
}
