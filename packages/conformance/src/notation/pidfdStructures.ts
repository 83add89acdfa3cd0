import { integerOf, type StructValue, type Value } from "@kadvise/strace";
import { constant } from "./constants.ts";
import { NotShown } from "./notShown.ts";

const POLLFD_BYTES = 8;
/** The largest struct pidfd_info yet, that of 7.1: earlier kernels fill less of it. */
const INFO_BYTES = 88;

/** `[{fd=3, events=POLLIN}, …]` as poll takes it. @throws NotShown for a field without a number */
export function pollBytes(value: Value, count: number): Uint8Array {
  const items = value.kind === "array" ? value.items : [];
  const bytes = new Uint8Array(Math.max(count, items.length) * POLLFD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, item] of items.entries()) {
    if (item.kind !== "struct") throw new NotShown(`element ${i} of the descriptors`);
    view.setInt32(i * POLLFD_BYTES, fieldOf(item, "fd"), true);
    view.setUint16(i * POLLFD_BYTES + 4, fieldOf(item, "events"), true);
  }
  return bytes;
}

/** `{mask=PIDFD_INFO_PID}` as PIDFD_GET_INFO takes it. */
export function pidfdInfoBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(INFO_BYTES);
  if (value.kind !== "struct") return bytes;
  new DataView(bytes.buffer).setUint32(0, fieldOf(value, "mask") >>> 0, true);
  return bytes;
}

function fieldOf({ fields }: StructValue, name: string): number {
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) return 0;
  const number = integerOf(field.value, constant);
  if (number === undefined) throw new NotShown(`the field ${name}`);
  return Number(BigInt.asIntN(32, BigInt(number)));
}
