import { smapsText, type AddressSpace } from "@kadvise/mm-core";
import type { ObservedArea } from "../target/startState.ts";

/**
 * What actors begin with: the agent's image and its shared area, vdso and stack. Which of their
 * pages are there depends on how far the agent has come: of them smaps says no more than how large
 * they are, and their flags. Of all others it says everything but Referenced, which multi-gen LRU
 * and its lists decide.
 */
export class StartPages {
  private readonly areas: readonly ObservedArea[];

  constructor(areas: readonly ObservedArea[]) {
    this.areas = areas.filter(({ name }) => name !== "" && name !== "[heap]");
  }

  /** /proc/PID/smaps as far as it is known. */
  smaps(mm: AddressSpace): string {
    const { pageBytes } = mm.memory;
    return smapsText(mm, (area) => {
      const address = mm.areas.start[area] * pageBytes;
      const isOfAgent = this.areas.some(({ start, end }) => start <= address && address < end);
      return isOfAgent ? "mapping" : "settled";
    });
  }
}
