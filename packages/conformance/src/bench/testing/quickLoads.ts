import type { Load } from "../load.ts";
import { LOADS } from "../loads.ts";

/** The ones that take a while are tried by the command alone. */
export const QUICK: readonly Load[] = LOADS.filter(
  ({ id }) => !id.includes("65000") && id !== "split-unmap" && id !== "pageout-refault",
);
