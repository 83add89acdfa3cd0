import { integerOf, type Value } from "@kadvise/strace";
import { SHMID_64, type ShmidField } from "@kadvise/uapi";
import { constant } from "./constants.ts";
import { NotShown } from "./notShown.ts";

/** What IPC_SET reads of the structure. */
const READ: readonly ShmidField[] = ["uid", "gid", "mode"];

/** A shmid_ds as a 64-bit caller lays it out: `{shm_perm={uid=0, gid=0, mode=0600}, …}`. */
export function shmidBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(SHMID_64.bytes);
  if (value.kind !== "struct") return bytes;
  const permissions = value.fields.find(({ name }) => name === "shm_perm")?.value;
  if (permissions?.kind !== "struct") return bytes;
  const view = new DataView(bytes.buffer);
  for (const field of READ) {
    const shown = permissions.fields.find(({ name }) => name === field)?.value;
    if (shown === undefined) continue;
    const number = integerOf(shown, constant);
    if (number === undefined) throw new NotShown(`the ${field} of the segment`);
    view.setUint32(SHMID_64.fields[field][0], Number(BigInt.asUintN(32, BigInt(number))), true);
  }
  return bytes;
}
