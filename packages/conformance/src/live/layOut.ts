import { Inode, OpenFile } from "@kadvise/files";
import {
  AddressSpace,
  layoutOf,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_SHARED,
  VM_WRITE,
} from "@kadvise/mm-core";
import type { Task } from "@kadvise/syscalls";
import { O } from "@kadvise/uapi";
import { flagsOfCodes } from "../model/vmFlagCodes.ts";
import type { ObservedArea } from "../target/startState.ts";
import type { FileFacts } from "./processFacts.ts";

/** The memory of a process as /proc shows it. */
export interface SeenMemory {
  readonly areas: readonly ObservedArea[];
  /** Where the heap begins, in bytes; absent where it could not be read. */
  readonly startBreak?: number;
  /** Owner and permission bits of the mapped files, by name. */
  readonly files?: { readonly [name: string]: FileFacts };
  /** RLIMIT_STACK in bytes: so far the stack may grow unseen. */
  readonly stackBytes?: number;
}

/** A stack without a limit is taken to grow at most so far. */
const MOST_STACK_BYTES = 2 ** 30;

/** Gives a task a new address space with the areas that a process was seen to have. */
export function layOut(task: Task, seen: SeenMemory): void {
  const { machine } = task;
  const { memory } = machine;
  const { pageBytes } = memory;
  const { areas } = seen;
  const usual = layoutOf(memory.settings.values.userBits, memory.pageShift, 0);
  const base = baseOf(areas);
  const layout = base === undefined ? usual : { ...usual, base: base / pageBytes };
  const old = task.mm;
  const mm = new AddressSpace({ memory, layout });
  const inodes = new Map<string, Inode>();
  for (const area of areas) {
    const flags = flagsOfCodes(area.vmFlags);
    const [start, end, offset] = [area.start, area.end, area.offset].map((at) => at / pageBytes);
    const backing = backingOf(area, flags, inodes, seen.files ?? {});
    const row = mm.areas.insert(start, end, flags, backing === null ? start : offset, backing);
    if (area.hasAnonymous) mm.areas.anon[row] = 1;
    mm.totalPages += end - start;
    if ((flags & VM_LOCKED) !== 0) mm.lockedPages += end - start;
    if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE) mm.dataPages += end - start;
  }
  const heap = areas.find(({ name }) => name === "[heap]");
  mm.startBreak = seen.startBreak ?? heap?.start ?? Number.NaN;
  mm.break = heap?.end ?? mm.startBreak;
  mm.hasKnownBase = base !== undefined;
  mm.touchedUnseen = true;
  mm.denyWriteExec = old?.denyWriteExec ?? false;
  mm.denyWriteExecAlone = old?.denyWriteExecAlone ?? false;
  const stack = areas.find(({ name }) => name === "[stack]");
  if (stack !== undefined) {
    mm.startStack = stack.end / pageBytes - 1;
    const most = Math.min(seen.stackBytes ?? MOST_STACK_BYTES, MOST_STACK_BYTES);
    const lowest = Math.floor(Math.max(0, stack.end - most) / pageBytes);
    if (lowest < stack.start / pageBytes) mm.forget(lowest, stack.start / pageBytes);
  }
  task.setMemory(mm);
  old?.tearDown();
}

/**
 * Where mappings are placed downwards from, if it shows: the program's interpreter is the first that
 * is placed. Linux: fs/binfmt_elf.c load_elf_interp
 */
function baseOf(areas: readonly ObservedArea[]): number | undefined {
  const highest = areas.findLast(({ name }) => name.startsWith("/"));
  if (highest === undefined || !/\/ld[-.][^/]*$|\/ld-[^/]*\.so/.test(highest.name))
    return undefined;
  // Data of the interpreter that no file holds lies right behind its file.
  const behind = areas.find(({ start, name }) => start === highest.end && name === "");
  return behind?.end ?? highest.end;
}

/** Memory of the process' own has no file, whatever name it was given. */
const OWN_MEMORY = /^(|\[heap\]|\[stack\]|\[anon:.*)$/;
const SHARED_MEMORY = /^\/(memfd:|dev\/zero|SYSV|dev\/shm\/)|^\[anon_shmem:/;

function kindOf(name: string, flags: number): "hugetlb" | "secret" | "special" | "shmem" | "file" {
  if ((flags & VM_HUGETLB) !== 0) return "hugetlb";
  if (/^\/?secretmem/.test(name)) return "secret";
  if (SHARED_MEMORY.test(name)) return "shmem";
  return name.startsWith("[") ? "special" : "file";
}

/** What an area that was seen shows; null for memory of the process' own. */
export function backingOf(
  area: ObservedArea,
  flags: number,
  inodes: Map<string, Inode>,
  seen: { readonly [name: string]: FileFacts },
): OpenFile | null {
  const { name, identity } = area;
  if (OWN_MEMORY.test(name)) return null;
  const kind = kindOf(name, flags);
  const key = kind === "special" ? name : identity;
  // Its size is not known: it is taken to reach as far as any of its areas.
  const sizeBytes = area.offset + area.end - area.start;
  const inode = inodes.get(key) ?? new Inode({ kind, sizeBytes, ...seen[name] });
  if (inode.sizeBytes < sizeBytes) inode.sizeBytes = sizeBytes;
  inodes.set(key, inode);
  const isWritten = area.permissions.endsWith("s") && area.vmFlags.includes("mw");
  return new OpenFile(inode, {
    flags: isWritten ? O.O_RDWR : O.O_RDONLY,
    path: name,
    noExec: !area.vmFlags.includes("me"),
    identity,
  });
}
