import { PAGEMAP_ENTRY_BYTES, type AddressSpace } from "@kadvise/mm-core";
import type { Task } from "@kadvise/syscalls";
import type { OperationResult } from "../program/result.ts";
import type { KnownPages } from "./knownPages.ts";

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
  known: KnownPages,
): OperationResult | undefined {
  const file = /^\/proc\/%\/(\w+)$/.exec(path)?.[1] ?? "";
  if (task === undefined) return undefined;
  const mm = task.mm ?? undefined;
  if (file === "pagemap") {
    // Without memory Linux refuses, or has no entries, as the release goes.
    if (mm === undefined) return undefined;
    const [page, count] = [offset, bytes].map((at) => at / PAGEMAP_ENTRY_BYTES);
    return done(mm.pagemap(page, count));
  }
  const write = TEXTS[file];
  if (write === undefined) return undefined;
  if (task.pid.thread === undefined) return { state: "done", value: -2n };
  const text = mm === undefined ? "" : write(mm, known);
  return done(Buffer.from(text.slice(offset, offset + bytes), "latin1"));
}

const TEXTS: { readonly [file: string]: (mm: AddressSpace, known: KnownPages) => string } = {
  maps: (mm) => mm.maps(),
  smaps: (mm, known) => known.smaps(mm),
  status: (mm, known) => known.status(mm),
};

function done(payload: Uint8Array): OperationResult {
  return {
    state: "done",
    value: BigInt(payload.length),
    ...(payload.length === 0 ? {} : { payload }),
  };
}
