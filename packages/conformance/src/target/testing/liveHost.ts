import { CannotRun } from "../cannotRun.ts";
import { HostTarget, type HostOptions } from "../hostTarget.ts";
import type { Target, TargetFacts } from "../target.ts";

/** A target for live tests and what it said of itself, or why it cannot be asked here. */
export type Live<T extends Target> =
  { readonly target: T; readonly facts: TargetFacts } | { readonly why: string };

/** This machine's kernel. */
export function liveHost(options: HostOptions = {}): Promise<Live<HostTarget>> {
  return live(() => new HostTarget(options));
}

/** Opens a target and lets it describe itself; one that cannot leaves nothing behind. */
export async function live<T extends Target>(open: () => T): Promise<Live<T>> {
  let target: T | undefined;
  try {
    target = open();
    return { target, facts: await target.describe() };
  } catch (error) {
    await target?.close();
    if (error instanceof CannotRun) return { why: error.message };
    throw error;
  }
}
