import type { Picture, PicturedArea, WayExplained } from "@kadvise/conformance";

type RangeVerdict = NonNullable<WayExplained["ranges"]>[number];

const WIDTH = 1200;
const MARGIN = 20;
const ROW = 60;
const GAP = 8;
/** A stretch that nobody has is drawn this wide, however long it is. */
const HOLE = 14;
const TOPS = { before: 70, after: 190 } as const;
const RANGES_TOP = 140;
const HEIGHT = 320;

const STATE_COLOURS: { readonly [state: string]: string } = {
  used: "#1b7837",
  cold: "#7fbf7b",
  swapped: "#af8dc3",
  zero: "#dddddd",
  guarded: "#b2182b",
  untouched: "#ffffff",
};

/**
 * The areas around a call's ranges before it and behind it, as an SVG picture: equal addresses stand
 * below each other, widths grow with the logarithm of the pages, holes are gaps.
 */
export function areasSvg(title: string, picture: Picture, ranges: readonly RangeVerdict[]): string {
  const scale = new Scale(picture, ranges);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="monospace" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(MARGIN, 24, title.length > 160 ? `${title.slice(0, 157)}…` : title, 'font-size="13"'),
    text(MARGIN, TOPS.before - 8, "before"),
    ...picture.before.map((area) => areaBox(area, scale, TOPS.before)),
    ...ranges.map((range) => rangeBar(range, scale)),
    text(MARGIN, TOPS.after - 8, "after"),
    ...picture.after.map((area) => areaBox(area, scale, TOPS.after)),
    ...legend(picture),
    "</svg>",
  ];
  return parts.join("\n");
}

/** Where an address stands: every border of an area or a range in either row is a mark. */
class Scale {
  private readonly marks: readonly bigint[];
  private readonly at: readonly number[];

  constructor({ before, after }: Picture, ranges: readonly RangeVerdict[]) {
    const areas = [...before, ...after];
    const lowest = areas.map(({ start }) => BigInt(start)).sort(order)[0] ?? 0n;
    const highest =
      areas
        .map(({ end }) => BigInt(end))
        .sort(order)
        .at(-1) ?? 0n;
    const borders = [
      ...areas.flatMap(({ start, end }) => [BigInt(start), BigInt(end)]),
      ...ranges.flatMap(({ base, counted }) => [BigInt(base), BigInt(base) + BigInt(counted)]),
    ].filter((border) => border >= lowest && border <= highest);
    this.marks = [...new Set(borders)].sort(order);
    const widths = this.marks.slice(1).map((end, i) => {
      const start = this.marks[i] ?? 0n;
      const isTaken = areas.some((area) => BigInt(area.start) < end && BigInt(area.end) > start);
      return isTaken ? 30 + 22 * Math.log2(1 + Number(end - start) / 4096) : HOLE;
    });
    const sum = widths.reduce((a, b) => a + b, 0);
    const factor = sum === 0 ? 1 : (WIDTH - 2 * MARGIN) / sum;
    let x = MARGIN;
    this.at = [x, ...widths.map((width) => (x += width * factor))];
  }

  x(address: bigint): number {
    const i = this.marks.findLastIndex((mark) => mark <= address);
    return Math.round((this.at[Math.max(0, i)] ?? MARGIN) * 10) / 10;
  }
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function areaBox(area: PicturedArea, scale: Scale, top: number): string {
  const left = scale.x(BigInt(area.start));
  const right = scale.x(BigInt(area.end));
  const width = Math.max(1, right - left);
  const fill = area.permissions.includes("w")
    ? "#d0e3f5"
    : area.permissions.includes("x")
      ? "#fde0c5"
      : "#eeeeee";
  const label = `${area.start}-${area.end} ${area.permissions} ${area.name}; ${area.pages} pages; ${area.flags.join(" ")}${statesText(area)}`;
  const room = Math.floor(width / 7);
  return [
    `<g><title>${escaped(label)}</title>`,
    `<rect x="${left}" y="${top}" width="${width}" height="${ROW - GAP}" fill="${fill}" stroke="#333333"/>`,
    ...stateBars(area, left, width, top + ROW - GAP - 10),
    text(left + 3, top + 13, short(area.permissions, room)),
    text(left + 3, top + 26, short(area.name === "" ? `${area.pages} p` : area.name, room)),
    "</g>",
  ].join("");
}

function statesText({ states }: PicturedArea): string {
  if (states === undefined) return "";
  return `; ${Object.entries(states)
    .map(([state, n]) => `${n} ${state}`)
    .join(", ")}`;
}

/** What part of an area's pages is in which state, along its foot. */
function stateBars({ states, pages }: PicturedArea, left: number, width: number, y: number) {
  let x = left;
  return Object.entries(states ?? {}).map(([state, n]) => {
    const part = (width * n) / pages;
    const bar = `<rect x="${x.toFixed(1)}" y="${y}" width="${part.toFixed(1)}" height="9" fill="${STATE_COLOURS[state] ?? "#ffffff"}" stroke="#333333" stroke-width="0.3"/>`;
    x += part;
    return bar;
  });
}

function rangeBar({ base, counted, index, outcome }: RangeVerdict, scale: Scale): string {
  const left = scale.x(BigInt(base));
  const right = scale.x(BigInt(base) + BigInt(counted));
  const colour = outcome === "done" ? "#1b7837" : outcome === "not-reached" ? "#999999" : "#b2182b";
  const label = `element ${index}: ${base}, ${counted} bytes: ${outcome}`;
  return (
    `<g><title>${escaped(label)}</title>` +
    `<rect x="${left}" y="${RANGES_TOP}" width="${Math.max(2, right - left)}" height="6" fill="${colour}"/>` +
    `${text(left, RANGES_TOP + 18, short(`${index} ${outcome}`, Math.floor((right - left) / 7)))}</g>`
  );
}

function legend({ before, after }: Picture): readonly string[] {
  const isTold = [...before, ...after].some(({ states }) => states !== undefined);
  const states = isTold ? Object.entries(STATE_COLOURS) : [];
  return states.flatMap(([state, colour], i) => [
    `<rect x="${MARGIN + i * 110}" y="${HEIGHT - 40}" width="12" height="12" fill="${colour}" stroke="#333333"/>`,
    text(MARGIN + i * 110 + 18, HEIGHT - 30, state),
  ]);
}

function short(words: string, room: number): string {
  if (words.length <= room) return words;
  return room < 3 ? "" : `${words.slice(0, room - 1)}…`;
}

function text(x: number, y: number, words: string, attributes = ""): string {
  return words === "" ? "" : `<text x="${x}" y="${y}"${attributes === "" ? "" : ` ${attributes}`}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
