import type { Actor, MemoryCapability, MemoryLimit } from "../actor.ts";
import { PAGE } from "./world.ts";

/** What a caller of these tests has; without anything, no capability and no limit. */
export interface CallerOptions {
  /** Soft limits in pages. */
  readonly limits?: Partial<Record<MemoryLimit, number>>;
  readonly capabilities?: readonly MemoryCapability[];
}

/** A caller without capabilities, with some limits and rights of one's own. */
export function caller(
  { limits = {}, capabilities = [] }: CallerOptions = {},
  more: Partial<Actor> = {},
): Actor {
  return {
    capable: (capability) => capabilities.includes(capability),
    ownsOrMayWrite: () => true,
    limit: (limit) => (limits[limit] ?? Number.POSITIVE_INFINITY) * PAGE,
    fatalSignalPending: () => false,
    ...more,
  };
}
