import type { ShownField } from "./program.ts";

const PAGE_BYTES = 4096n;
/** Bytes of an entry of pagemap. */
const ENTRY_BYTES = 8n;
/** The field that is no line of a file: what /proc/PID/pagemap says of a page. */
export const PAGEMAP = "pagemap";
/** The field that is a whole file: what /proc/PID/fdinfo says of a descriptor. */
export const FDINFO = "fdinfo";
/** The field that stands in the head of an area's entry: what it is called. */
const NAME = "Name";

/** The file below /proc/PID that holds a field, and the part of it that must be read. */
export function fileOf({ name, address }: ShownField): {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
} {
  if (name === PAGEMAP) {
    const offset = Number(((address ?? 0n) / PAGE_BYTES) * ENTRY_BYTES);
    return { path: "/proc/%/pagemap", offset, bytes: Number(ENTRY_BYTES) };
  }
  if (name === FDINFO) return { path: `/proc/%/fdinfo/${address ?? 0n}`, offset: 0, bytes: 4096 };
  const file = address === undefined ? "status" : "smaps";
  return { path: `/proc/%/${file}`, offset: 0, bytes: 0x1_0000 };
}

/** What a field says, of the file that {@link fileOf} names; undefined where it is not there. */
export function fieldText({ name, address }: ShownField, file: Uint8Array): string | undefined {
  if (name === PAGEMAP) return pageText(file);
  if (name === FDINFO) return fdinfoText(file);
  const text = Buffer.from(file).toString("latin1");
  const part = address === undefined ? text : areaText(text, address);
  if (name === NAME) return areaName(part);
  const value = new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(part)?.[1]?.trim();
  // Which areas count as written since somebody asked is no concern of a scenario.
  return name === "VmFlags" ? value?.replace(/ ?\bsd\b/, "") : value;
}

/** What an area is called in the head of its entry. */
function areaName(entry: string): string | undefined {
  const [head = ""] = entry.split("\n", 1);
  return head === "" ? undefined : (/^(?:\S+ ){4}\d+ +(\S.*)$/.exec(head)?.[1] ?? "no name").trim();
}

/** The lines of smaps that belong to the area of an address. */
function areaText(smaps: string, address: bigint): string {
  const heads = [...smaps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) .*$/gm)];
  const at = heads.findIndex(
    ([, start, end]) => BigInt(`0x${start}`) <= address && address < BigInt(`0x${end}`),
  );
  return at < 0 ? "" : smaps.slice(heads[at].index, heads[at + 1]?.index);
}

/** Mounts and inodes are numbered as the machine runs: they are left out. */
const UNNUMBERED = /^(?:pos|flags|Pid|NSpid):/;

function fdinfoText(file: Uint8Array): string | undefined {
  const lines = Buffer.from(file)
    .toString("latin1")
    .split("\n")
    .filter((line) => UNNUMBERED.test(line));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.replace(":", "").replaceAll("\t", " ")).join(", ");
}

/** Bits of a pagemap entry that no number of a frame or slot comes into. */
const PAGE_BITS: readonly (readonly [bit: bigint, name: string])[] = [
  [63n, "present"],
  [62n, "swapped"],
  [61n, "file"],
  [58n, "guard"],
  [56n, "exclusive"],
];

/** Linux: Documentation/admin-guide/mm/pagemap.rst */
function pageText(file: Uint8Array): string | undefined {
  if (file.length < Number(ENTRY_BYTES)) return undefined;
  const entry = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  const names = PAGE_BITS.filter(([bit]) => ((entry >> bit) & 1n) !== 0n).map(([, name]) => name);
  return names.join(" ") || "nothing";
}
