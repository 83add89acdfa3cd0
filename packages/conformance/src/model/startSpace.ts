import { Inode, OpenFile } from "@kadvise/files";
import type { AddressSpace, Backing } from "@kadvise/mm-core";
import { countPages } from "@kadvise/mm-core";
import { O } from "@kadvise/uapi";
import { SHARED_ADDRESS } from "../program/layout.ts";
import type { ObservedArea, StartState } from "../target/startState.ts";
import { flagsOfCodes } from "./vmFlagCodes.ts";

/** The files that observed areas show, by what maps says of them: one object a file. */
export type KnownFiles = Map<string, Inode>;

/** Fills an empty address space with the areas that a real process was seen to begin with. */
export function fillSpace(mm: AddressSpace, start: StartState, files: KnownFiles): void {
  const { pageBytes } = mm.memory;
  for (const area of start.areas) addObserved(mm, area, files);
  mm.startBreak = start.startBreak;
  mm.break = start.break;
  mm.startStack = Math.floor(start.startStack / pageBytes);
  mm.startCode = start.startCode ?? 0;
  mm.endCode = start.endCode ?? 0;
  mm.programDataBytes = start.dataBytes ?? 0;
  touchStack(mm, start.areas);
}

/** The program's words lie at the top of the stack: so much of it was written. */
function touchStack(mm: AddressSpace, areas: readonly ObservedArea[]): void {
  const { pageBytes } = mm.memory;
  const stack = areas.find(({ name }) => name === "[stack]");
  const pages = stack?.anonymousPages;
  if (stack !== undefined && pages !== undefined) {
    for (let i = 1; i <= pages; i++) mm.touch(stack.end / pageBytes - i, "write");
  } else if (mm.areas.at(mm.startStack) >= 0) mm.touch(mm.startStack, "write");
}

function addObserved(mm: AddressSpace, area: ObservedArea, files: KnownFiles): void {
  const { pageBytes } = mm.memory;
  const [start, end, offset] = [area.start, area.end, area.offset].map((at) => at / pageBytes);
  const flags = flagsOfCodes(area.vmFlags);
  const backing = backingOf(area, files);
  mm.areas.insert(start, end, flags, backing === null ? start : offset, backing);
  countPages(mm, flags, end - start);
}

function backingOf(area: ObservedArea, files: KnownFiles): Backing | null {
  const { name, identity } = area;
  if (name === "" || name === "[heap]" || name === "[stack]") return null;
  const isOwn = name.startsWith("[");
  const key = isOwn ? name : identity;
  const kind = isOwn ? "special" : area.start === SHARED_ADDRESS ? "shmem" : "file";
  const inode =
    files.get(key) ?? new Inode({ kind, sizeBytes: area.offset + area.end - area.start });
  files.set(key, inode);
  const isWritten = area.permissions.endsWith("s");
  return new OpenFile(inode, {
    flags: isWritten ? O.O_RDWR : O.O_RDONLY,
    path: name,
    noExec: !isOwn && !area.vmFlags.includes("me"),
    identity,
  });
}
