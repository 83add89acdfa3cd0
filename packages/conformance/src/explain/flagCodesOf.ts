import { VM_FLAG_CODES } from "@kadvise/mm-core";

const CODES: readonly (readonly [code: string, flag: number])[] = Object.entries(VM_FLAG_CODES);

/** What smaps calls an area's flags. */
export function flagCodesOf(flags: number): readonly string[] {
  return CODES.filter(([, flag]) => (flags & flag) !== 0).map(([code]) => code);
}
