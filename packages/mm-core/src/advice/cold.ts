import type { AdviceAction } from "../advise.ts";
import { F_ACTIVE, F_LRU, F_REFERENCED } from "../frames.ts";
import { P_PRESENT, P_YOUNG, P_ZERO } from "../pageTable.ts";
import { SKIP_NOT_PRESENT } from "../tally.ts";
import { walkEntries } from "../walk.ts";
import { refuseLru, skipReason } from "./lruArea.ts";

/**
 * MADV_COLD: pages that only this process maps lose their marks of use and leave the active list.
 * They stay mapped. Since 5.4.
 *
 * Linux: mm/madvise.c madvise_cold_or_pageout_pte_range. A page that another process maps too is
 * left alone.
 */
export const cold: AdviceAction = (mm, area, start, end) => {
  const refusal = refuseLru(mm, area, start);
  if (refusal !== undefined) return refusal;
  const { frames, tally, work, ports } = mm.memory;
  const { flags, mapCount } = frames;
  const { recording } = ports.journal;
  let flush = false;
  const shown = walkEntries(mm, start, end, ({ bits, value }, from, to) => {
    for (let i = from; i < to; i++) {
      const entry = bits[i];
      const frame = value[i];
      if (
        (entry & (P_PRESENT | P_ZERO)) !== P_PRESENT ||
        mapCount[frame] !== 1 ||
        (flags[frame] & F_LRU) === 0
      ) {
        tally.skipped[skipReason(mm, entry, frame)]++;
        continue;
      }
      if ((entry & P_YOUNG) !== 0) {
        bits[i] = entry & ~P_YOUNG;
        flush = true;
      }
      const old = flags[frame];
      if ((old & (F_REFERENCED | F_ACTIVE)) !== 0) {
        if (recording) frames.setFlags(frame, old & ~(F_REFERENCED | F_ACTIVE));
        else flags[frame] = old & ~(F_REFERENCED | F_ACTIVE);
      }
      tally.acted++;
    }
    work.pagesTouched += to - from;
  });
  tally.considered += end - start;
  tally.skipped[SKIP_NOT_PRESENT] += end - start - shown;
  if (flush) work.tlbFlushes++;
  return undefined;
};
