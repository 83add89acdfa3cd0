import type { Task } from "@kadvise/syscalls";
import type { AreaFile } from "./shownRecords.ts";

const VIEW = /^\/proc\/(\d+)\/(maps|smaps)$/;
const ANY_VIEW = /^\/proc\/(?:self|thread-self|(\d+))(?:\/task\/\d+)?\/(maps|smaps)$/;

/**
 * The name of a view of memory with its owner's number; undefined for any other path. Linux:
 * fs/proc/self.c, fs/proc/base.c
 */
export function viewPath(task: Task, path: string): string | undefined {
  const match = ANY_VIEW.exec(path);
  const group = task.thread.group.pid;
  if (match === null || group.namespace.level > 0) return undefined;
  const [, number = String(group.number), file] = match;
  return `/proc/${number}/${file}`;
}

/** Whose memory such a name shows, and in which file. */
export function viewOf(
  name: string,
): { readonly pid: number; readonly file: AreaFile } | undefined {
  const [, pid, file] = VIEW.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), file: file as AreaFile };
}

/** Whose memory it shows. */
export function viewOwner(name: string): number | undefined {
  return viewOf(name)?.pid;
}
