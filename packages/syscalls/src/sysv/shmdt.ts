import { SharedSegment } from "@kadvise/files";
import type { AddressSpace, Backing } from "@kadvise/mm-core";
import { Reasons, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { pagesOfSegment } from "./pagesOfSegment.ts";

const entries = {
  "shmdt/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    linux: "ipc/shm.c ksys_shmdt",
    since: "2.6",
    remedy: "pass the address that shmat returned",
    compares: ["offset"],
  },
  "shmdt/not-attached": {
    errno: "EINVAL",
    text: "nothing that is mapped from there on shows a segment as if it were attached there",
    linux: "ipc/shm.c ksys_shmdt",
    since: "2.6",
    remedy: "pass the address that shmat returned",
    compares: ["address"],
  },
} as const;

/** shmdt's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** shmdt(2): takes away what is left of an attachment. Linux: ipc/shm.c ksys_shmdt */
export const shmdt: SystemCall = {
  name: "shmdt",
  parameters: [parameter("shmaddr", "address")],
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const offset = registers.offset(0, pageShift);
    if (offset === 0) return detach(task, registers.page(0, pageShift));
    return reasons.refuse(task.machine.ports.checks, "shmdt/unaligned", offset);
  },
};

/**
 * The first piece that lies where an attachment at the address would have it, and all other pieces
 * of the same attachment that the segment's size reaches. Sealed ones stay, and nobody says so.
 */
export function detach(task: Task, page: number): Outcome {
  const { space, machine } = task;
  const { memory, ports } = machine;
  const { areas } = space;
  if (page >= space.layout.limit) return notAttached(task, page);
  let area = areas.find(page);
  while (area >= 0 && !isPiece(space, area, page)) area = areas.next(area);
  askForUnstated(task, page, area < 0 ? space.layout.limit : areas.start[area]);
  if (area < 0) return notAttached(task, page);
  const backing: Backing = areas.backing[area]!;
  const segment = backing.object as SharedSegment;
  let from = areas.end[area];
  space.unmap(areas.start[area], from - areas.start[area]);
  const end = page + pagesOfSegment(memory, segment);
  for (area = areas.find(from); area >= 0 && areas.end[area] <= end; area = areas.find(from)) {
    from = areas.end[area];
    if (isPiece(space, area, page) && areas.backing[area] === backing)
      space.unmap(areas.start[area], from - areas.start[area]);
  }
  segment.use(ports.journal, task.thread.group.pid.number);
  return success(0);
}

function isPiece({ areas }: AddressSpace, area: number, page: number): boolean {
  const isSegment = areas.backing[area]?.object instanceof SharedSegment;
  return isSegment && areas.start[area] - page === areas.offset[area];
}

function notAttached({ machine }: Task, page: number): Outcome {
  const address = `0x${(page * machine.memory.pageBytes).toString(16)}`;
  return reasons.refuse(machine.ports.checks, "shmdt/not-attached", address);
}

/**
 * What a recorded process attached before anybody watched, nobody knows: it may begin before the
 * first piece that is known.
 */
function askForUnstated({ space, machine }: Task, page: number, end: number): void {
  const unknown = space.veil.within(page, end) ?? space.forgotten.within(page, end);
  if (unknown === undefined) return;
  machine.ports.choices.choose<never>({
    id: "shm/unseen-attachment",
    usual: undefined as never,
    allows: () => false,
    describe: () => "what was attached there before",
    pages: { start: page, end: page + 1 },
  });
}
