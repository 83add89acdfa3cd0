import type { Refusal } from "@kadvise/uapi";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { writeProtected } from "./copyOnWrite.ts";
import { fileFault } from "./fileFault.ts";
import { VM_ACCESS, VM_EXEC, VM_GROWSDOWN, VM_HUGETLB, VM_WRITE } from "./flags.ts";
import { growStack } from "./growStack.ts";
import { faultHuge, touchHuge } from "./hugePage.ts";
import { hugeFault, hugeWrite } from "./hugetlb/hugeFault.ts";
import { mapNew } from "./newPage.ts";
import {
  LEAF_PAGES,
  P_DIRTY,
  P_GUARD,
  P_PRESENT,
  P_SWAP,
  P_WRITE,
  P_YOUNG,
  P_ZERO,
} from "./pageTable.ts";
import { keyAllows } from "./protectionKeys.ts";
import { reasons } from "./reasons.ts";
import { swapIn } from "./swapIn.ts";
import { unveil } from "./unveil.ts";

/** How a program touches a page. */
export type Access = "read" | "write" | "execute";

/**
 * A program touches a page. Brings the page in, or says which signal the program gets.
 *
 * Linux: arch/x86/mm/fault.c do_user_addr_fault, mm/memory.c handle_pte_fault. On x86 memory that
 * may be written or executed may be read.
 */
export function fault(
  mm: AddressSpace,
  page: number,
  access: Access,
  actor: Actor = OMNIPOTENT,
): Refusal | undefined {
  const { checks } = mm.memory.ports;
  const area = areaFor(mm, page, actor);
  if (area < 0) return reasons.refuse(checks, "access/no-area", addressOf(mm, page));
  if (access !== "execute" && !keyAllows(mm, area, access === "write", actor))
    return reasons.refuse(
      checks,
      "access/protection-key",
      addressOf(mm, page),
      mm.areas.keyOf(area),
    );
  const flags = mm.areas.flags[area];
  const wanted = access === "write" ? VM_WRITE : access === "execute" ? VM_EXEC : VM_ACCESS;
  if ((flags & wanted) === 0) {
    return reasons.refuse(checks, "access/protection", addressOf(mm, page));
  }
  return bringIn(mm, area, page, access === "write");
}

/** The part of a fault behind the permission test; populate and mlock enter here. */
export function bringIn(
  mm: AddressSpace,
  area: number,
  page: number,
  write: boolean,
): Refusal | undefined {
  const bits = mm.pages.bitsOf(page);
  if ((bits & P_PRESENT) !== 0) {
    if (write && (bits & P_WRITE) === 0) {
      if ((mm.areas.flags[area] & VM_HUGETLB) !== 0) return hugeWrite(mm, area, page);
      writeProtected(mm, area, page, bits);
      return undefined;
    }
    const touched = bits | P_YOUNG | (write ? P_DIRTY : 0);
    if (touched === bits || touchHuge(mm, page, touched)) return undefined;
    mm.pages.set(page, mm.pages.valueOf(page), touched);
    return undefined;
  }
  if ((bits & P_GUARD) !== 0) {
    return reasons.refuse(mm.memory.ports.checks, "access/guard", addressOf(mm, page));
  }
  if ((bits & P_SWAP) !== 0) {
    swapIn(mm, area, page, write);
    return undefined;
  }
  if (mm.areas.backing[area] !== null) {
    const isHugetlb = (mm.areas.flags[area] & VM_HUGETLB) !== 0;
    return (isHugetlb ? hugeFault : fileFault)(mm, area, page, write);
  }
  const mayBeHuge = mm.areas.end[area] - mm.areas.start[area] >= LEAF_PAGES;
  if (mayBeHuge && faultHuge(mm, area, page, write)) return undefined;
  if (write) mapNew(mm, area, page, 0);
  else mm.pages.set(page, 0, P_PRESENT | P_ZERO | P_YOUNG);
  return undefined;
}

/** The area that holds a page; a stack above it may grow down to it. */
export function areaFor(mm: AddressSpace, page: number, actor: Actor): number {
  if (mm.hasUnknown) unveil(mm, page, page + 1);
  const area = mm.areas.find(page);
  if (area < 0 || mm.areas.start[area] <= page) return area;
  if ((mm.areas.flags[area] & VM_GROWSDOWN) === 0) return -1;
  return growStack(mm, area, page, actor) ? area : -1;
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
