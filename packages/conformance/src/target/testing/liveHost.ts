import { CannotRun } from "../cannotRun.ts";
import { HostTarget, type HostOptions } from "../hostTarget.ts";
import type { TargetFacts } from "../target.ts";

/** This machine's kernel for live tests, or why it cannot be asked. */
export async function liveHost(
  options: HostOptions = {},
): Promise<
  { readonly target: HostTarget; readonly facts: TargetFacts } | { readonly why: string }
> {
  try {
    const target = new HostTarget(options);
    return { target, facts: await target.describe() };
  } catch (error) {
    if (error instanceof CannotRun) return { why: error.message };
    throw error;
  }
}
