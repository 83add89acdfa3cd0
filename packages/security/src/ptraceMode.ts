import { PTRACE_MODE } from "@kadvise/uapi";
import type { PtraceMode } from "./policy.ts";

const { PTRACE_MODE_READ, PTRACE_MODE_ATTACH, PTRACE_MODE_FSCREDS, PTRACE_MODE_REALCREDS } =
  PTRACE_MODE;

/** The bits of a mode; a TypeError for a word that is none. */
export function modeBits(mode: PtraceMode): number {
  const bits = PTRACE_MODE[mode] as number | undefined;
  if (bits === undefined) throw new TypeError(`no access mode is called ${JSON.stringify(mode)}`);
  return bits;
}

/**
 * Whether a mode takes the caller's fs ids or its real ids; `undefined` if it says neither, which
 * the kernel refuses.
 */
export function modeUsesFsIds(mode: PtraceMode): boolean | undefined {
  const bits = modeBits(mode);
  const usesFs = (bits & PTRACE_MODE_FSCREDS) !== 0;
  return usesFs === ((bits & PTRACE_MODE_REALCREDS) !== 0) ? undefined : usesFs;
}

/** Whether a mode attaches: what Yama looks at. */
export function modeAttaches(mode: PtraceMode): boolean {
  return (modeBits(mode) & PTRACE_MODE_ATTACH) !== 0;
}

/** Whether a mode reads: what SELinux and AppArmor look at. */
export function modeReads(mode: PtraceMode): boolean {
  return (modeBits(mode) & PTRACE_MODE_READ) !== 0;
}
