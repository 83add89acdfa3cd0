import { errnoName, isErrnoName, type ErrnoName } from "@kadvise/uapi";

/** Two names of one number. Linux: include/uapi/asm-generic/errno.h; ENOTSUP is glibc's. */
const SYNONYMS: { readonly [word: string]: ErrnoName } = {
  EWOULDBLOCK: "EAGAIN",
  ENOTSUP: "EOPNOTSUPP",
  EDEADLOCK: "EDEADLK",
};

/** The error that a word means: its name, however written, a second name, or its number. */
export function errnoWord(word: string): ErrnoName | undefined {
  if (/^\d+$/.test(word)) return errnoName(Number(word));
  const name = word.toUpperCase();
  if (isErrnoName(name)) return name;
  return Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name] : undefined;
}
