import { Inode, OpenFile } from "@kadvise/files";
import type { CallEvent, Value } from "@kadvise/strace";
import { O } from "@kadvise/uapi";
import { flagsOf } from "./flagArgument.ts";

/**
 * Paths under which files are not what they seem: made by the kernel as they are read, or devices.
 */
export const SPECIAL: RegExp = /^\/(proc|sys|dev(?!\/shm\/))(\/|$)/;

/** __O_TMPFILE. Linux: include/uapi/asm-generic/fcntl.h */
const TMPFILE = 0x40_0000;

/** The file that open, openat or creat opened, as far as its path and flags tell. */
export function openFileOf(event: CallEvent): {
  readonly file: OpenFile;
  readonly closeOnExec: boolean;
} {
  const words = event.args.flatMap(({ value }) => wordsOf(value));
  const path = event.args.map(({ value }) => value).find((value) => value.kind === "string");
  const text = path?.kind === "string" ? path.text : "";
  let flags = event.name === "creat" ? O.O_WRONLY | O.O_CREAT | O.O_TRUNC : 0;
  const number = flagsOf(event);
  if (number !== undefined) flags |= number;
  else for (const word of words) if (Object.hasOwn(O, word)) flags |= O[word as keyof typeof O];
  // Only a regular file can be new; elsewhere the path decides what is likely. O_TMPFILE names the
  // directory in which the new file has no name.
  const isNameless = (flags & TMPFILE) !== 0;
  const isNew = isNameless || (flags & (O.O_CREAT | O.O_EXCL)) === (O.O_CREAT | O.O_EXCL);
  const isDirectory = !isNameless && (flags & O.O_DIRECTORY) !== 0;
  const special = SPECIAL.test(text);
  const size = isNew || (flags & O.O_TRUNC) !== 0 ? 0 : Number.NaN;
  const inode = new Inode({ kind: "file", sizeBytes: size });
  const file = new OpenFile(inode, {
    flags: flags | O.O_LARGEFILE,
    path: text,
    mappable: !isDirectory && (isNew || !special),
    // What is opened for reading alone may be a directory, and for both a named pipe.
    kindUnstated: !isNew && !isDirectory,
  });
  return { file, closeOnExec: (flags & O.O_CLOEXEC) !== 0 };
}

function wordsOf(value: Value): readonly string[] {
  if (value.kind === "word") return [value.text];
  if (value.kind === "flags") return value.parts.flatMap(wordsOf);
  return value.kind === "struct" ? value.fields.flatMap((field) => wordsOf(field.value)) : [];
}
