import type { ReasonEntry } from "@kadvise/uapi";

/** A rule of this package: as every reason, and one sentence for when it has no objection. */
export interface SecurityReason extends ReasonEntry {
  readonly passes: string;
}

/** As far back as the kernel's public history goes. */
export const ALWAYS = "2.6.12";
