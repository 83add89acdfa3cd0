import type { SharedSegment } from "@kadvise/files";
import { endObject } from "@kadvise/mm-core";
import { MAP, PROT, Reasons, type Refusal, SHM, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import type { Machine } from "../machine.ts";
import { addressPages } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { pagesOfSegment } from "./pagesOfSegment.ts";
import { checkMode, EXECUTE, READ, segmentOf, WRITE } from "./segmentAccess.ts";

const entries = {
  "shmat/bad-id": {
    errno: "EINVAL",
    text: "the segment's number is negative",
    linux: "ipc/shm.c do_shmat",
    since: "2.6",
    remedy: "pass a number that shmget gave",
    compares: ["id"],
  },
  "shmat/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned, and SHM_RND was not given",
    linux: "ipc/shm.c do_shmat",
    since: "2.6",
    remedy: "align the address, or pass SHM_RND",
    compares: ["offset"],
  },
  "shmat/remap-nothing": {
    errno: "EINVAL",
    text: "SHM_REMAP needs an address, also behind rounding",
    linux: "ipc/shm.c do_shmat",
    since: "2.6",
    remedy: "name the address to map over",
  },
  "shmat/occupied": {
    errno: "EINVAL",
    text: "something is mapped there, and SHM_REMAP was not given; or the range wraps",
    linux: "ipc/shm.c do_shmat",
    since: "2.6",
    remedy: "name a free range, pass NULL, or SHM_REMAP to map over what is there",
    compares: ["address"],
  },
} as const;

/** shmat's reasons; those of a segment's mode are in segmentAccess. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** Where a segment is to appear, and how. */
export interface Attachment {
  readonly id: number;
  readonly page: number;
  /** Bytes by which the address misses its page. */
  readonly offset: number;
  /** Whether any address was named. */
  readonly isPlaced: boolean;
  /** SHM_* bits. */
  readonly flags: number;
}

/** shmat(2): maps a segment of shared memory. Linux: ipc/shm.c do_shmat */
export const shmat: SystemCall = {
  name: "shmat",
  parameters: [
    parameter("shmid", "int"),
    parameter("shmaddr", "address"),
    parameter("shmflg", { flags: SHM }),
  ],
  returns: "address",
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    return attach(task, {
      id: registers.int(0),
      page: registers.page(1, pageShift),
      offset: registers.offset(1, pageShift),
      isPlaced: !registers.isZero(1),
      flags: registers.low(2),
    });
  },
};

/** Every area that comes of it counts as an attachment, with a file of its own. */
export function attach(task: Task, attachment: Attachment): Outcome {
  const { machine, space } = task;
  const { memory, ports } = machine;
  const { checks } = ports;
  const { id, page, isPlaced, flags } = attachment;
  const replaces = (flags & SHM.SHM_REMAP) !== 0;
  const refusal = checkPlace(task, attachment);
  if (refusal !== undefined) return refusal;
  const segment = segmentOf(task, id);
  if ("ok" in segment) return segment;
  const readOnly = (flags & SHM.SHM_RDONLY) !== 0;
  const executes = (flags & SHM.SHM_EXEC) !== 0;
  const asked = READ | (readOnly ? 0 : WRITE) | (executes ? EXECUTE : 0);
  const denied = checkMode(task, segment, asked);
  if (denied !== undefined) return denied;

  const pages = pagesOfSegment(memory, segment);
  if (page > 0 && !replaces && isTaken(task, page, pages))
    return reasons.refuse(checks, "shmat/occupied", `0x${(page * memory.pageBytes).toString(16)}`);
  hold(machine, segment, 1);
  const mapped = space.mapPages(
    {
      at: page,
      pages,
      prot: PROT.PROT_READ | (readOnly ? 0 : PROT.PROT_WRITE) | (executes ? PROT.PROT_EXEC : 0),
      flags: MAP.MAP_SHARED | (isPlaced ? MAP.MAP_FIXED : 0),
      backing: {
        object: segment,
        name: `/SYSV${hexKey(segment)} (deleted)`,
        readable: true,
        writable: !readOnly,
        closes: true,
        faultsAlone: true,
        // Tools that list processes know a segment by it. Linux: ipc/shm.c newseg
        identity: `00:01 ${segment.id}`,
      },
      offsetPages: 0,
      compat: task.abi === "i386",
    },
    task.actor,
  );
  hold(machine, segment, -1);
  if (!mapped.ok) return mapped;
  segment.use(ports.journal, task.thread.group.pid.number);
  return success(mapped.value * memory.pageBytes);
}

/**
 * An attachment of its own while the place is made: a removed segment lives on where SHM_REMAP takes
 * away the last area that showed it, and ends behind that if nothing new shows it. Linux: ipc/shm.c
 * do_shmat, shm_nattch
 */
function hold({ memory, ports }: Machine, segment: SharedSegment, by: 1 | -1): void {
  ports.journal.save(segment, "mappings");
  segment.mappings += by;
  if (segment.isGone) endObject(memory, segment);
}

/** What is asked of the address before anybody looks for the segment. */
function checkPlace(
  task: Task,
  { id, page, offset, isPlaced, flags }: Attachment,
): Refusal | undefined {
  const { checks } = task.machine.ports;
  const replaces = (flags & SHM.SHM_REMAP) !== 0;
  if (id < 0) return reasons.refuse(checks, "shmat/bad-id", id);
  if (!isPlaced) return replaces ? reasons.refuse(checks, "shmat/remap-nothing") : undefined;
  if (offset === 0) return undefined;
  if ((flags & SHM.SHM_RND) === 0) return reasons.refuse(checks, "shmat/unaligned", offset);
  return page === 0 && replaces ? reasons.refuse(checks, "shmat/remap-nothing") : undefined;
}

/** Whether the range wraps, or what of it lies in the user half is in use. */
function isTaken({ space, machine }: Task, page: number, pages: number): boolean {
  const { limit } = space.layout;
  if (page >= limit) return page + pages > addressPages(machine.memory.pageShift);
  return space.isMapped(page, Math.min(pages, limit - page));
}

/** The key as the segment was made with it. */
function hexKey({ madeWithKey }: SharedSegment): string {
  return (madeWithKey >>> 0).toString(16).padStart(8, "0");
}
