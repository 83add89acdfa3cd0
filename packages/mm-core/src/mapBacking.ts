import { MAP, MAP_TYPE, PROT, type Refusal } from "@kadvise/uapi";
import { mayLock } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { VM_MAYSHARE, VM_SHARED, VM_WRITE } from "./flags.ts";
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
  const writes = shared && (prot & PROT.PROT_WRITE) !== 0;
  if (writes && backing.object.writeSealed === true && !isAskedLate(mm, backing))
    return reasons.refuse(checks, "mmap/write-sealed");
  return undefined;
}

/**
 * Up to 6.6 some seals are looked at when what was mapped there is gone. Linux: mm/mmap.c
 * mmap_region, mapping_map_writable; mm/shmem.c shmem_mmap, seal_check_future_write
 */
function isAskedLate(mm: AddressSpace, { object }: Backing): boolean {
  const { sealCountsMappings, futureSealLeavesHole } = mm.memory.features;
  return object.deniesWritable === true ? sealCountsMappings === "shared" : futureSealLeavesHole;
}

/**
 * A segment that was removed ends with its last mapping, also where that makes room for another one
 * of it. Linux: ipc/shm.c shm_mmap
 */
export function checkEnded(
  mm: AddressSpace,
  { backing, mayEnd = false }: MapRequest,
): Refusal | undefined {
  if (!mayEnd || backing?.closes !== true || backing.object.mappings !== 0) return undefined;
  if (backing.object.outlivesMappings === true) return undefined;
  return reasons.refuse(mm.memory.ports.checks, "remap_file_pages/segment-gone");
}

/**
 * Secret memory is shared, and counts against the limit of locked memory until 7.1; asked when what
 * was mapped there is gone. Linux: mm/secretmem.c secretmem_mmap
 */
export function checkSecretLate(
  mm: AddressSpace,
  backing: Backing | null,
  {
    vmFlags,
    pages,
    actor,
  }: { readonly vmFlags: number; readonly pages: number; readonly actor: Actor },
): Refusal | undefined {
  if (backing?.object.kind !== "secret") return undefined;
  const { checks } = mm.memory.ports;
  if ((vmFlags & (VM_SHARED | VM_MAYSHARE)) === 0)
    return reasons.refuse(checks, "mmap/secret-private");
  // Since 7.2 it is not locked, and no limit asks for it.
  if (!mm.memory.features.secretIsLocked || mayLock(mm, pages, actor)) return undefined;
  const limit = Math.floor(actor.limit("RLIMIT_MEMLOCK") / mm.memory.pageBytes);
  return reasons.refuse(checks, "mmap/lock-limit", mm.lockedPages + pages, limit);
}

/** The seals that are looked at late. A file that nobody may write cannot even be mapped shared. */
export function checkSealsLate(
  mm: AddressSpace,
  backing: Backing | null,
  vmFlags: number,
): Refusal | undefined {
  if (backing === null || (vmFlags & VM_SHARED) === 0) return undefined;
  const { object } = backing;
  if (object.writeSealed !== true || !isAskedLate(mm, backing)) return undefined;
  if (object.deniesWritable !== true && (vmFlags & VM_WRITE) === 0) return undefined;
  return reasons.refuse(mm.memory.ports.checks, "mmap/write-sealed");
}
