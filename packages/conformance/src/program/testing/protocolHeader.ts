import { readFileSync } from "node:fs";

const HEADER = readFileSync(new URL("../../../agent/protocol.h", import.meta.url), "utf8");
const BYTES: { readonly [type: string]: number } = {
  u8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  u64: 8,
};

/** A field of a structure of the agent's protocol, laid out as C lays it out. */
export interface Field {
  readonly offset: number;
  readonly bytes: number;
  readonly signed: boolean;
  readonly count: number;
}

/** The number behind a `#define`. */
export function defined(name: string): number {
  const value = new RegExp(`^#define ${name} (.+?)(?: /\\*.*)?$`, "m").exec(HEADER)?.[1];
  if (value === undefined) throw new RangeError(`protocol.h defines no ${name}`);
  return value
    .replace(/[()]/g, "")
    .split(" + ")
    .map((term) => (/^[A-Z]/.test(term) ? defined(term) : Number(term.replace(/UL?$/, ""))))
    .reduce((sum, term) => sum + term, 0);
}

/** The names of an enumeration with their numbers. */
export function enumeration(name: string): ReadonlyMap<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(HEADER)?.[1] ?? "";
  let next = 0;
  return new Map(
    body.split(",").map((item): [string, number] => {
      const [word = "", value] = item.trim().split(/ = /);
      next = (value === undefined ? next : Number(value)) + 1;
      return [word, next - 1];
    }),
  );
}

/** The fields of a structure, and its size under the name `sizeof`. */
export function structure(name: string): ReadonlyMap<string, Field> {
  const body = new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(HEADER)?.[1] ?? "";
  const fields = new Map<string, Field>();
  let offset = 0;
  let widest = 1;
  for (const [, type = "", names = ""] of body
    .replace(/\/\*[^]*?\*\//g, "")
    .matchAll(/(\w+) ([^;]+);/g)) {
    const bytes = BYTES[type] ?? 0;
    widest = Math.max(widest, bytes);
    for (const item of names.split(",")) {
      const [, word = "", length = "1"] = /^(\w+)(?:\[(\w+)\])?$/.exec(item.trim()) ?? [];
      const count = /^\d/.test(length) ? Number(length) : defined(length);
      offset = Math.ceil(offset / bytes) * bytes;
      fields.set(word, { offset, bytes, signed: type.startsWith("s"), count });
      offset += bytes * count;
    }
  }
  const size = Math.ceil(offset / widest) * widest;
  return fields.set("sizeof", { offset: 0, bytes: size, signed: false, count: 1 });
}

/** The size of a structure. */
export function sizeOf(name: string): number {
  return structure(name).get("sizeof")?.bytes ?? 0;
}

/** Reads a field of a structure that lies at a place. */
export function readField(
  bytes: Uint8Array,
  at: number,
  { offset, bytes: width, signed }: Field,
  index = 0,
): bigint {
  let value = 0n;
  const start = at + offset + index * width;
  for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[start + i] ?? 0);
  return signed ? BigInt.asIntN(width * 8, value) : value;
}

/** Writes a field of a structure that lies at a place. */
export function writeField(
  bytes: Uint8Array,
  at: number,
  { offset, bytes: width }: Field,
  value: number | bigint,
  index = 0,
): void {
  const start = at + offset + index * width;
  let rest = BigInt.asUintN(width * 8, BigInt(value));
  for (let i = 0; i < width; i++, rest >>= 8n) bytes[start + i] = Number(rest & 0xffn);
}

/** Reads all fields of a structure that lies at a place. */
export function readStructure(
  bytes: Uint8Array,
  at: number,
  name: string,
): { readonly [field: string]: readonly bigint[] } {
  return Object.fromEntries(
    [...structure(name)]
      .filter(([word]) => word !== "sizeof")
      .map(([word, field]) => [
        word,
        Array.from({ length: field.count }, (_, i) => readField(bytes, at, field, i)),
      ]),
  );
}
