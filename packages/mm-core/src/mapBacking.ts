import { MAP, MAP_TYPE, PROT, type Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import type { MapRequest } from "./map.ts";
import { reasons } from "./reasons.ts";

/**
 * Flags that MAP_SHARED_VALIDATE knows without asking the file. Linux: include/linux/mman.h
 * LEGACY_MAP_MASK
 */
const LEGACY_FLAGS: number =
  MAP.MAP_SHARED |
  MAP.MAP_PRIVATE |
  MAP.MAP_FIXED |
  MAP.MAP_ANONYMOUS |
  MAP.MAP_DENYWRITE |
  MAP.MAP_EXECUTABLE |
  MAP.MAP_GROWSDOWN |
  MAP.MAP_LOCKED |
  MAP.MAP_NORESERVE |
  MAP.MAP_POPULATE |
  MAP.MAP_NONBLOCK |
  MAP.MAP_STACK |
  MAP.MAP_HUGETLB |
  MAP.MAP_32BIT |
  MAP.MAP_ABOVE4G |
  (0x3f << 26);

/**
 * What the open file allows, in Linux' order (mm/mmap.c do_mmap): offset, unknown flags, writing,
 * reading, mapping at all, growing down.
 */
export function checkBacking(mm: AddressSpace, request: MapRequest): Refusal | undefined {
  const { backing, flags, prot } = request;
  if (backing === null) return undefined;
  const { checks } = mm.memory.ports;
  const type = flags & MAP_TYPE;
  // MAX_LFS_FILESIZE is LLONG_MAX: the end of the mapping may not pass it.
  if (request.offsetPages + request.pages > 2 ** (63 - mm.memory.pageShift) - 1) {
    return reasons.refuse(checks, "mmap/offset-overflow");
  }
  if (type === MAP.MAP_SHARED_VALIDATE && (flags & ~LEGACY_FLAGS) !== 0) {
    return reasons.refuse(
      checks,
      "mmap/flags-not-validated",
      `0x${(flags & ~LEGACY_FLAGS).toString(16)}`,
    );
  }
  const shared = type === MAP.MAP_SHARED || type === MAP.MAP_SHARED_VALIDATE;
  if (shared && (prot & PROT.PROT_WRITE) !== 0 && !backing.writable) {
    return reasons.refuse(checks, "mmap/file-not-writable");
  }
  if (!shared && type !== MAP.MAP_PRIVATE)
    return reasons.refuse(checks, "mmap/bad-type", `0x${type.toString(16)}`);
  if (!backing.readable) return reasons.refuse(checks, "mmap/file-not-readable");
  if (backing.noExec === true && (prot & PROT.PROT_EXEC) !== 0)
    return reasons.refuse(checks, "mmap/mounted-noexec");
  if (backing.mappable === false) return reasons.refuse(checks, "mmap/file-cannot-be-mapped");
  if ((flags & MAP.MAP_GROWSDOWN) !== 0) return reasons.refuse(checks, "mmap/file-grows-down");
  if (shared && (prot & PROT.PROT_WRITE) !== 0 && backing.object.writeSealed === true) {
    return reasons.refuse(checks, "mmap/write-sealed");
  }
  return undefined;
}
