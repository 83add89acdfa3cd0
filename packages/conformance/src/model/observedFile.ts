import { PAGEMAP_ENTRY_BYTES, statusLine, statusMemory, type AddressSpace } from "@kadvise/mm-core";
import type { Task } from "@kadvise/syscalls";
import type { OperationResult } from "../program/result.ts";
import type { StartPages } from "./startPages.ts";

/** What is read of a file. */
interface Extent {
  readonly offset: number;
  readonly bytes: number;
}

/**
 * A file below /proc/PID as the model has it, or undefined for one that it does not model. Of smaps
 * and status it has what it knows: lines that it leaves out may say anything.
 *
 * Of whoever has no memory any more, the text files are empty. Linux: fs/proc/task_mmu.c
 * proc_maps_open
 */
export function observedFile(
  task: Task | undefined,
  path: string,
  { offset, bytes }: Extent,
  startPages: StartPages,
): OperationResult | undefined {
  const file = /^\/proc\/%\/(\w+)$/.exec(path)?.[1] ?? "";
  if (task === undefined) return undefined;
  if (file === "pagemap") return entries(task.mm, offset, bytes);
  const write = TEXTS[file];
  if (write === undefined) return undefined;
  if (task.pid.thread === undefined) return { state: "done", value: -2n };
  const { mm } = task;
  const text = mm === null || mm === undefined ? "" : write(mm, startPages);
  return done(Buffer.from(text.slice(offset, offset + bytes), "latin1"));
}

const TEXTS: {
  readonly [file: string]: (mm: AddressSpace, startPages: StartPages) => string;
} = {
  maps: (mm) => mm.maps(),
  smaps: (mm, startPages) => startPages.smaps(mm),
  status: knownStatus,
};

/** The numbers of frames are left out, so the entries of whoever has no memory tell nothing. */
function entries(
  mm: AddressSpace | null | undefined,
  offset: number,
  bytes: number,
): OperationResult | undefined {
  if (mm === null || mm === undefined) return undefined;
  return done(mm.pagemap(offset / PAGEMAP_ENTRY_BYTES, bytes / PAGEMAP_ENTRY_BYTES));
}

/**
 * How many pages of files and shared memory an actor has depends on how far the agent has come in
 * its own code and results. What Linux counts late, nobody knows.
 */
function knownStatus(mm: AddressSpace): string {
  const { residentCounters } = mm.memory.features;
  const open = residentCounters === "exact" ? OPEN_LINES : OPEN_WHERE_LATE;
  return Object.entries(statusMemory(mm))
    .filter(([name]) => !open.has(name))
    .map(([name, kilobytes]) => statusLine(name, kilobytes))
    .join("");
}

const OPEN_LINES: ReadonlySet<string> = new Set(["VmRSS", "RssFile", "RssShmem"]);
const OPEN_WHERE_LATE: ReadonlySet<string> = new Set([...OPEN_LINES, "RssAnon", "VmSwap"]);

function done(payload: Uint8Array): OperationResult {
  return {
    state: "done",
    value: BigInt(payload.length),
    ...(payload.length === 0 ? {} : { payload }),
  };
}
