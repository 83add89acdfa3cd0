import { Inode, OpenFile } from "@kadvise/files";
import { integerOf, type CallEvent } from "@kadvise/strace";
import type { OpenEntry, Task } from "@kadvise/syscalls";
import { F, F_SEAL, O } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { hasFlag } from "./flagArgument.ts";

/** The file that memfd_create made, as far as its flags tell. Linux: mm/memfd.c */
export function memoryFileOf(event: CallEvent): OpenFile {
  const isNoExec = hasFlag(event, "MFD_NOEXEC_SEAL");
  const isSealable = isNoExec || hasFlag(event, "MFD_ALLOW_SEALING");
  const inode = new Inode({
    kind: hasFlag(event, "MFD_HUGETLB") ? "hugetlb" : "shmem",
    sizeBytes: 0,
    mode: isNoExec ? 0o666 : 0o777,
    seals: (isSealable ? 0 : F_SEAL.F_SEAL_SEAL) | (isNoExec ? F_SEAL.F_SEAL_EXEC : 0),
  });
  return new OpenFile(inode, { flags: O.O_RDWR | O.O_LARGEFILE, path: "/memfd" });
}

/** What sealing execution of an executable file brings along. Linux: mm/memfd.c, 6.3 */
const WITH_EXEC: number =
  F_SEAL.F_SEAL_SHRINK | F_SEAL.F_SEAL_GROW | F_SEAL.F_SEAL_WRITE | F_SEAL.F_SEAL_FUTURE_WRITE;
const EXECUTE_BITS = 0o111;

/** Seals belong to the file, whoever maps it. Linux: mm/memfd.c memfd_add_seals, memfd_get_seals */
export function notesSeals(task: Task, event: CallEvent): void {
  const file = fileOf(task, event);
  const command = numberOf(event, 1);
  const { value, error } = event.result;
  if (file === undefined || error !== undefined) return;
  const { object } = file;
  const { journal } = task.machine.ports;
  if (command === F.F_GET_SEALS && value !== undefined) object.seal(journal, Number(value));
  const seals = numberOf(event, 2);
  if (command !== F.F_ADD_SEALS || seals === undefined) return;
  const isExecutable = (object.mode & EXECUTE_BITS) !== 0;
  object.seal(
    journal,
    seals | ((seals & F_SEAL.F_SEAL_EXEC) !== 0 && isExecutable ? WITH_EXEC : 0),
  );
}

/** fchmod: whether the file can be executed. */
export function changesMode(task: Task, event: CallEvent): void {
  const mode = numberOf(event, 1);
  if (mode !== undefined && event.result.error === undefined) setMode(task, event, mode);
}

/** The permission bits of a descriptor's file are these now. */
export function setMode(task: Task, event: CallEvent, mode: number): void {
  const file = fileOf(task, event);
  if (file === undefined) return;
  task.machine.ports.journal.save(file.object, "mode");
  file.object.mode = mode;
}

function fileOf(task: Task, event: CallEvent): OpenFile | undefined {
  const fd = numberOf(event, 0);
  const file: OpenEntry | undefined = fd === undefined ? undefined : task.files.peek(fd)?.file;
  return file?.kind === "file" ? file : undefined;
}

function numberOf(event: CallEvent, i: number): number | undefined {
  const value = event.args[i]?.value;
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : Number(number);
}
