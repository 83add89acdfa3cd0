import { ERRNO, type ErrnoName } from "@kadvise/uapi";
import type { OperationResult } from "../program/result.ts";

/** What a letter of a recording stands for. */
export const SYMBOLS: { readonly [letter: string]: ErrnoName | string } = {
  ".": "success",
  P: "EPERM",
  A: "EACCES",
  S: "ESRCH",
  B: "EBADF",
  I: "EINVAL",
  N: "ENOENT",
  F: "EFAULT",
  O: "EIO",
  C: "ECHILD",
  "-": "ENOSYS",
  "0": "an empty file",
};

const LETTERS: ReadonlyMap<number, string> = new Map(
  Object.entries(SYMBOLS).flatMap(([letter, name]): [number, string][] => {
    const errno = (ERRNO as { readonly [name: string]: number | undefined })[name];
    return errno === undefined ? [] : [[errno, letter]];
  }),
);

/** The letter of a result. @throws RangeError for one that the matrix has no letter for */
export function symbolOf(result: OperationResult, isFile: boolean): string {
  const { state, value } = result;
  if (state !== "done") throw new RangeError(`a cell is ${state}`);
  if (value >= 0n) return isFile && value === 0n ? "0" : ".";
  const letter = LETTERS.get(Number(-value));
  if (letter === undefined) throw new RangeError(`a cell is the error ${String(-value)}`);
  return letter;
}
