export { KernelError, must } from "@kadvise/uapi";
export type { Refusal, Result } from "@kadvise/uapi";
export { explain, type ExplainedCheck, type Explanation } from "./explain.ts";
export { Kernel, type KernelOptions, type SpawnOptions } from "./kernel.ts";
export { Process, type MmapOptions } from "./process.ts";
export { REASONS } from "./reasons.ts";
export type { KernelSnapshot } from "./snapshot.ts";
export { workBetween, type Work } from "./work.ts";
