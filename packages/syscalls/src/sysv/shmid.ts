import type { SegmentOwner, SharedSegment } from "@kadvise/files";
import { shownId } from "@kadvise/security";
import type { ShmidField, ShmidLayout } from "@kadvise/uapi";
import type { Task } from "../task.ts";

/** What the model has no say in: times, and who came or went last without a call of his own. */
interface Untold {
  readonly atime: number;
  readonly dtime: number;
  readonly ctime: number;
  readonly lpid: number;
  /** Who made it, as a process of another pid namespace sees him. */
  readonly cpid: number;
}

/** What IPC_STAT tells of a segment. Linux: ipc/shm.c shmctl_stat */
export function shmidBytes(
  { machine, pid: { namespace }, subject }: Task,
  segment: SharedSegment,
  layout: ShmidLayout,
): Uint8Array {
  const read = (bytes: Uint8Array): Untold => ({
    atime: fieldOf(bytes, layout, "atime"),
    dtime: fieldOf(bytes, layout, "dtime"),
    ctime: fieldOf(bytes, layout, "ctime"),
    lpid: fieldOf(bytes, layout, "lpid"),
    cpid: namespace.level === 0 ? segment.maker : fieldOf(bytes, layout, "cpid"),
  });
  const untold = machine.ports.choices.choose<Untold>({
    id: "shm/times",
    usual: { atime: 0, dtime: 0, ctime: 0, lpid: segment.lastUser, cpid: segment.maker },
    allows: () => true,
    describe: () => "when the segment was used, and who was the last to",
    output: "buf",
    fromOutput: read,
  });
  // Linux: ipc/util.c kernel_to_ipc64_perm
  const users = subject.credentials.userNamespace;
  const values: { readonly [field in ShmidField]: number } = {
    ...untold,
    key: segment.key >>> 0,
    uid: shownId(users, "uid", segment.uid),
    gid: shownId(users, "gid", segment.gid),
    cuid: shownId(users, "uid", segment.makerUid),
    cgid: shownId(users, "gid", segment.makerGid),
    mode: segment.shownMode,
    seq: Math.floor(segment.id / 2 ** 15),
    segmentBytes: segment.sizeBytes,
    nattch: segment.mappings,
  };
  const bytes = new Uint8Array(layout.bytes);
  for (const field of Object.keys(layout.fields) as ShmidField[])
    put(bytes, layout.fields[field], values[field]);
  return bytes;
}

/** What IPC_SET takes: owner, group and permission bits. Linux: ipc/util.c ipc_update_perm */
export function readOwner(bytes: Uint8Array, layout: ShmidLayout): SegmentOwner {
  return {
    uid: fieldOf(bytes, layout, "uid"),
    gid: fieldOf(bytes, layout, "gid"),
    mode: fieldOf(bytes, layout, "mode") & 0o777,
  };
}

function fieldOf(bytes: Uint8Array, { fields }: ShmidLayout, field: ShmidField): number {
  const [offset, width] = fields[field];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (width === 2) return view.getUint16(offset, true);
  const low = view.getUint32(offset, true);
  return width === 4 ? low : view.getUint32(offset + 4, true) * 2 ** 32 + low;
}

function put(bytes: Uint8Array, [offset, width]: readonly [number, number], value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (width === 2) view.setUint16(offset, value & 0xffff, true);
  else view.setUint32(offset, value >>> 0, true);
  if (width === 8) view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}
