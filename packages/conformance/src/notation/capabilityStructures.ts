import { integerOf, type StructValue, type Value } from "@kadvise/strace";
import { constant } from "./constants.ts";
import { NotShown } from "./notShown.ts";

/** `{version=_LINUX_CAPABILITY_VERSION_3, pid=0}`. */
export function capabilityHeaderBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(8);
  if (value.kind !== "struct") return bytes;
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(fieldOf(value, "version")), true);
  view.setInt32(4, Number(fieldOf(value, "pid")), true);
  return bytes;
}

const SETS = ["effective", "permitted", "inheritable"] as const;

/** `{effective=1<<CAP_KILL, permitted=…, inheritable=0}`, as version 3 lays it out. */
export function capabilityDataBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(24);
  if (value.kind !== "struct" || value.fields.length === 0) return bytes;
  const view = new DataView(bytes.buffer);
  for (const [i, name] of SETS.entries()) {
    const set = BigInt(fieldOf(value, name));
    view.setUint32(i * 4, Number(set & 0xffff_ffffn), true);
    view.setUint32(12 + i * 4, Number((set >> 32n) & 0xffff_ffffn), true);
  }
  return bytes;
}

/** Whether capget wrote what the log shows. */
export function matchesCapabilityData(bytes: Uint8Array, value: Value): boolean | undefined {
  if (value.kind !== "struct" || value.fields.length === 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return SETS.every((name, i) => {
    const wanted = BigInt(fieldOf(value, name));
    const high = bytes.length >= 24 ? BigInt(view.getUint32(12 + i * 4, true)) : 0n;
    return (BigInt(view.getUint32(i * 4, true)) | (high << 32n)) === wanted;
  });
}

function fieldOf(value: StructValue, name: string): number | bigint {
  const field = value.fields.find((candidate) => candidate.name === name);
  const number = field === undefined ? undefined : integerOf(field.value, constant);
  if (number === undefined) throw new NotShown(`the field ${name}`);
  return number;
}
