import { MOST_SEGMENTS, type SharedSegment } from "@kadvise/files";
import { IPC, type Refusal, SHMID_64, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import { copyOut } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";
import { checkMode, READ, reasons } from "./segmentAccess.ts";
import type { SegmentCommand } from "./shmctl.ts";
import { shmidBytes } from "./shmid.ts";

/** A number's lower bits are its segment's place. Linux: ipc/util.h ipcid_to_idx */
const PLACES = 2 ** 15;
/** kernel.shmmax and kernel.shmall. Linux: include/uapi/linux/shm.h SHMMAX */
const NO_LIMIT: bigint = 2n ** 64n - 1n - 2n ** 24n;
const LARGEST_INT = 2n ** 31n - 1n;
/** Words at the end of shminfo64 that say nothing. */
const UNUSED_WORDS = 4;

/**
 * The commands that ask what segments there are, the highest place being what they answer: how many
 * there may be (IPC_INFO), and how much they take (SHM_INFO); and those that go through them, place
 * by place (SHM_STAT, SHM_STAT_ANY). Linux: ipc/shm.c shmctl_ipc_info, shmctl_shm_info, shmctl_stat
 */
export function controlAll(task: Task, registers: Registers, asked: SegmentCommand): Outcome {
  const { command, pointer, layout } = asked;
  if (command === IPC.SHM_STAT || command === IPC.SHM_STAT_ANY)
    return tellByPlace(task, registers, asked);
  const words = command === IPC.IPC_INFO ? limits(layout === SHMID_64) : usage(task);
  const width = layout === SHMID_64 ? 8 : 4;
  const bytes = new Uint8Array(words.length * width);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) {
    if (width === 8) view.setBigUint64(i * width, word, true);
    else view.setUint32(i * width, Number(word & 0xffff_ffffn), true);
  }
  return copyOut(task, registers, pointer, bytes) ?? success(highestPlace(task));
}

/** shmmax, shmmin, shmmni, shmseg, shmall. Linux: ipc/shm.c copy_compat_shminfo_to_user */
function limits(isNative: boolean): readonly bigint[] {
  const most = BigInt(MOST_SEGMENTS);
  const largest = isNative ? NO_LIMIT : LARGEST_INT;
  return [largest, 1n, most, most, NO_LIMIT, ...Array.from({ length: UNUSED_WORDS }, () => 0n)];
}

/** How many, their pages, those in memory and in swap; two counts that are 0 since 2.4. */
function usage({ machine, ipc }: Task): readonly bigint[] {
  const { memory } = machine;
  const living = ipc.living();
  const sum = (of: (segment: SharedSegment) => number): bigint =>
    BigInt(living.reduce((total, segment) => total + of(segment), 0));
  return [
    BigInt(living.length),
    sum(({ sizeBytes }) => Math.ceil(sizeBytes / memory.pageBytes)),
    sum((segment) => memory.cache(segment).pages.size),
    sum((segment) => memory.cache(segment).slots.size),
    ...[0n, 0n],
  ];
}

function highestPlace({ ipc }: Task): number {
  return ipc.living().reduce((highest, { id }) => Math.max(highest, id % PLACES), 0);
}

function tellByPlace(task: Task, registers: Registers, asked: SegmentCommand): Outcome {
  const { id, command, pointer, layout } = asked;
  const segment = task.ipc.living().find((one) => one.id % PLACES === id % PLACES);
  if (segment === undefined) return reasons.refuse(task.machine.ports.checks, "shm/no-segment", id);
  // Whoever may read /proc/sysvipc/shm may ask this of any. Linux: 4.17
  const denied: Refusal | undefined =
    command === IPC.SHM_STAT ? checkMode(task, segment, READ) : undefined;
  if (denied !== undefined) return denied;
  const bytes = shmidBytes(task, segment, layout);
  return copyOut(task, registers, pointer, bytes) ?? success(segment.id);
}
