import { PROT } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_ACCESS, VM_EXEC } from "./flags.ts";
import { keyIn } from "./label.ts";

/** How many protection keys x86 has. Linux: arch/x86/include/asm/pkeys.h arch_max_pkey */
export const PROTECTION_KEYS = 16;
/** Where no key is given, or none is left. */
export const NO_KEY = -1;
/** The key that every area has of itself. */
const DEFAULT_KEY = 0;

/**
 * The lowest key that is free becomes the caller's; NO_KEY if there is none. Linux: mm_pkey_alloc
 */
export function allocateKey(mm: AddressSpace): number {
  for (let key = 0; key < PROTECTION_KEYS; key++) {
    if ((mm.keys & (1 << key)) !== 0) continue;
    setKeys(mm, mm.keys | (1 << key));
    return key;
  }
  return NO_KEY;
}

/** Stands for the one key that there is without a processor's help: key 0, whoever takes it. */
const LOST = 2;

/**
 * Where the processor has no protection keys, the kernel knows of one, number 0, and finds only when
 * it is taken that it is good for nothing. To give it back it must be no key for execution alone, and
 * that one is number 0 too: whoever asks again, or is a child of who asked, finds none left. False if
 * it was lost before.
 *
 * Linux: mm/mprotect.c pkey_alloc, arch/x86/include/asm/pkeys.h mm_pkey_free; asked on 6.18.44
 */
export function loseKey(mm: AddressSpace): boolean {
  if ((mm.keys & LOST) !== 0) return false;
  setKeys(mm, mm.keys | LOST);
  return true;
}

/** Whether a key may be given to areas, and given back. Linux: mm_pkey_is_allocated */
export function isKey(mm: AddressSpace, key: number): boolean {
  if (key < 0 || key >= PROTECTION_KEYS || key === mm.executeOnlyKey) return false;
  return (mm.keys & (1 << key)) !== 0;
}

/** Gives a key back. Areas that have it keep it. Linux: mm_pkey_free */
export function freeKey(mm: AddressSpace, key: number): void {
  setKeys(mm, mm.keys & ~(1 << key));
}

function setKeys(mm: AddressSpace, keys: number): void {
  mm.memory.ports.journal.save(mm, "keys");
  mm.keys = keys;
}

/**
 * The key of memory that may be executed and nothing else: taken when it is first asked for, and
 * denied to whoever asks. NO_KEY if none is left. Linux: arch/x86/mm/pkeys.c __execute_only_pkey
 */
function executeOnlyKey(mm: AddressSpace, actor: Actor): number {
  if (!mm.memory.settings.values.protectionKeys) return DEFAULT_KEY;
  const key = mm.executeOnlyKey === NO_KEY ? allocateKey(mm) : mm.executeOnlyKey;
  if (key === NO_KEY) return NO_KEY;
  actor.denyKey?.(key);
  mm.memory.ports.journal.save(mm, "executeOnlyKey");
  mm.executeOnlyKey = key;
  return key;
}

/** The key of a new area. Linux: mm/mmap.c do_mmap */
export function keyOfNew(mm: AddressSpace, prot: number, actor: Actor): number {
  return prot === PROT.PROT_EXEC ? Math.max(executeOnlyKey(mm, actor), DEFAULT_KEY) : DEFAULT_KEY;
}

/**
 * The key of an area whose protection changes: the one that is given, else its own. Memory for
 * execution alone has a key for that, which goes when anything else is allowed. Linux:
 * arch/x86/mm/pkeys.c __arch_override_mprotect_pkey
 */
export function keyOfProtected(
  mm: AddressSpace,
  area: number,
  { prot, key, actor }: { readonly prot: number; readonly key: number; readonly actor: Actor },
): number {
  if (key !== NO_KEY) return key;
  const own = mm.areas.keyOf(area);
  if (prot === PROT.PROT_EXEC) {
    const executes = executeOnlyKey(mm, actor);
    if (executes > DEFAULT_KEY) return executes;
  } else if ((mm.areas.flags[area] & VM_ACCESS) === VM_EXEC && own === mm.executeOnlyKey) {
    return DEFAULT_KEY;
  }
  return own;
}

/**
 * Whether an area's key lets its owner read or write it; who reaches in from outside is not asked.
 * Linux: arch/x86/include/asm/mmu_context.h arch_vma_access_permitted
 */
export function keyAllows(
  { areas }: AddressSpace,
  area: number,
  write: boolean,
  actor: Actor,
): boolean {
  const label = areas.labelOf(area);
  if (label === "") return true;
  const key = keyIn(label);
  return key === DEFAULT_KEY || (actor.mayUseKey?.(key, write) ?? true);
}
