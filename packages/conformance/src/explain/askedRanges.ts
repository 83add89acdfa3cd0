import type { AddressSpace } from "@kadvise/mm-core";
import type { DecodedArgument, Task } from "@kadvise/syscalls";
import { MADV, type AdviceName } from "@kadvise/uapi";
import { partsWithin, type RangeBefore } from "./rangeVerdict.ts";

/** The number of an advice as a decoded call has it. */
export function adviceOf(argument: DecodedArgument | undefined): number {
  if (typeof argument === "string") return MADV[argument as AdviceName] ?? -1;
  if (typeof argument !== "number" && typeof argument !== "bigint") return -1;
  return Number(BigInt.asIntN(32, BigInt(argument)));
}

/** The ranges of the vector that was imported last: what of each is counted, and the areas in it. */
export function importedRanges(task: Task, mm: AddressSpace | undefined): readonly RangeBefore[] {
  const { vector, memory } = task.machine;
  const { words } = vector;
  const isCompat = task.abi === "i386";
  return Array.from({ length: vector.count }, (_, index) => {
    const length = isCompat
      ? words[2 * index + 1]
      : words[4 * index + 3] * 2 ** 32 + words[4 * index + 2];
    const page = vector.basePage[index];
    const place = { page, offset: vector.baseOffset[index], pageBytes: memory.pageBytes };
    return rangeBefore(mm, index, place, length, vector.lengthBytes[index]);
  });
}

/** The ranges as a call names them, where nothing was imported. */
export function namedRanges(
  task: Task,
  mm: AddressSpace | undefined,
  argument: DecodedArgument | undefined,
): readonly RangeBefore[] {
  const list =
    typeof argument === "object" && argument !== null && "shown" in argument
      ? argument.shown
      : Array.isArray(argument)
        ? (argument as readonly { base: number | bigint; length: number | bigint }[])
        : [];
  return list.map(({ base, length }, index) => ownRange(task, mm, base, length, index));
}

/** The range of an address and a length. */
export function ownRange(
  task: Task,
  mm: AddressSpace | undefined,
  base: number | bigint,
  length: number | bigint,
  index = 0,
): RangeBefore {
  const { pageBytes } = task.machine.memory;
  const address = BigInt.asUintN(64, BigInt(base));
  const bytes = Number(BigInt.asUintN(64, BigInt(length)));
  const place = {
    page: Number(address / BigInt(pageBytes)),
    offset: Number(address % BigInt(pageBytes)),
    pageBytes,
  };
  return rangeBefore(mm, index, place, bytes, bytes);
}

function rangeBefore(
  mm: AddressSpace | undefined,
  index: number,
  { page, offset, pageBytes }: { page: number; offset: number; pageBytes: number },
  length: number,
  counted: number,
): RangeBefore {
  const end = page + Math.ceil(counted / pageBytes);
  return {
    index,
    page,
    offset,
    length,
    counted,
    parts: mm === undefined || end <= page ? [] : partsWithin(mm, page, end),
  };
}
