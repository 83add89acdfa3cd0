import type { AddressSpace } from "../addressSpace.ts";
import type { AdviceAction } from "../advise.ts";
import { F_ACTIVE, F_BATCHED, F_LRU, F_REFERENCED } from "../frames.ts";
import { entersHuge } from "../hugePage.ts";
import { meetFolio } from "../largeFolio.ts";
import { P_PRESENT, P_YOUNG, P_ZERO, type Leaf } from "../pageTable.ts";
import { SKIP_NOT_PRESENT } from "../tally.ts";
import { walkEntries } from "../walk.ts";
import { refuseLru, skipHuge, skipReason } from "./lruArea.ts";

/**
 * MADV_COLD: pages that only this process maps lose their marks of use and leave the active list.
 * They stay mapped. Since 5.4.
 *
 * Linux: mm/madvise.c madvise_cold_or_pageout_pte_range. A page that another process maps too is
 * left alone. A caller that is about to be killed touches nothing, and that counts as success.
 */
export const cold: AdviceAction = (mm, area, start, end, actor) => {
  const refusal = refuseLru(mm, area, start);
  if (refusal !== undefined) return refusal;
  if (actor.fatalSignalPending()) return undefined;
  const { tally, work } = mm.memory;
  tally.considered += end - start;
  // What has a table is taken back from these.
  tally.skipped[SKIP_NOT_PRESENT] += end - start;
  if (walkEntries(mm, start, end, coolEntries, undefined)) work.tlbFlushes++;
  return undefined;
};

function coolEntries(mm: AddressSpace, leaf: Leaf, from: number, to: number): boolean {
  if (leaf.huge && !entersHuge(mm, leaf, from, to)) return skipHuge(mm, from, to);
  const { frames, tally, work, ports } = mm.memory;
  const { bits, value } = leaf;
  const { flags, mapCount } = frames;
  const { recording } = ports.journal;
  // Without generations only active pages are put into a batch, which forgets a use but once.
  const batched = mm.memory.settings.values.multiGenLru ? F_BATCHED : 0;
  let flush = false;
  let acted = 0;
  let hasFolios = mm.memory.folios.count > 0 && !leaf.huge;
  for (let i = from; i < to; i++) {
    if (hasFolios) {
      const met = meetFolio(mm, leaf, i, to);
      hasFolios = met !== "whole";
      if (met === "stop") break;
      if (met === "skip") continue;
    }
    const entry = bits[i];
    const frame = value[i];
    const old = flags[frame];
    if (
      (entry & (P_PRESENT | P_ZERO)) !== P_PRESENT ||
      // Of a huge page that one entry shows it was asked before, by its first page or as a whole.
      (mapCount[frame] !== 1 && !leaf.huge) ||
      (old & F_LRU) === 0
    ) {
      tally.skipped[skipReason(mm, entry, frame)]++;
      continue;
    }
    if ((entry & P_YOUNG) !== 0) {
      bits[i] = entry & ~P_YOUNG;
      flush = true;
    }
    const cold = (old & ~(F_REFERENCED | F_ACTIVE)) | batched;
    if (cold !== old) {
      if (recording) frames.setFlags(frame, cold);
      else flags[frame] = cold;
    }
    acted++;
  }
  tally.acted += acted;
  tally.skipped[SKIP_NOT_PRESENT] -= to - from;
  work.pagesTouched += to - from;
  return flush;
}
