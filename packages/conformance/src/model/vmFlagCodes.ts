import { VM_FLAG_CODES } from "@kadvise/mm-core";

/** The flags that a VmFlags line of smaps shows. */
export function flagsOfCodes(codes: readonly string[]): number {
  return codes.reduce((flags, code) => (flags | (VM_FLAG_CODES[code] ?? 0)) >>> 0, 0);
}
