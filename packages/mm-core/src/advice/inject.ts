import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "../actor.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { fault } from "../fault.ts";
import { reasons } from "../reasons.ts";

/**
 * MADV_HWPOISON and MADV_SOFT_OFFLINE: pretends that memory failed. Linux: mm/madvise.c
 * madvise_inject_error
 *
 * Needs CAP_SYS_ADMIN. The pages are brought in first. What becomes of a frame afterwards is not
 * modelled: the page stays as it is.
 */
export function inject(
  mm: AddressSpace,
  start: number,
  end: number,
  _advice: number,
  actor: Actor,
): Refusal | undefined {
  const { checks } = mm.memory.ports;
  if (!actor.capable("CAP_SYS_ADMIN"))
    return reasons.refuse(checks, "madvise/inject-not-permitted");
  for (let page = start; page < end; page++) {
    const refusal = fault(mm, page, "read");
    if (refusal !== undefined) {
      const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
      return reasons.refuseBecause(checks, "madvise/inject-fault", refusal, address);
    }
  }
  return undefined;
}
