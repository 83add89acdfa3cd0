import { UnstatedFile } from "@kadvise/files";
import { integerOf, type CallEvent, type Value } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import { constant } from "../notation/constants.ts";

/**
 * Descriptors that a message brings: `{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS,
 * cmsg_data=[3]}`. Linux: net/core/scm.c scm_detach_fds
 */
export function receivesFiles(task: Task, event: CallEvent): void {
  if (event.result.error !== undefined) return;
  const closeOnExec = event.argumentText.includes("MSG_CMSG_CLOEXEC");
  for (const { value } of event.args) {
    for (const data of dataOf(value)) {
      if (data?.kind !== "array" || data.cut) {
        task.files.forgetAll(new UnstatedFile());
        continue;
      }
      for (const item of data.items) {
        const fd = Number(integerOf(item, constant) ?? -1);
        if (fd >= 0) task.files.set(fd, { file: new UnstatedFile(), closeOnExec });
      }
    }
  }
}

/** The data of every control message that brings descriptors; undefined where strace shows none. */
function dataOf(value: Value): readonly (Value | undefined)[] {
  if (value.kind === "array") return value.items.flatMap(dataOf);
  if (value.kind === "change") return dataOf(value.after);
  if (value.kind !== "struct") return [];
  const type = value.fields.find(({ name }) => name === "cmsg_type")?.value;
  if (type === undefined) return value.fields.flatMap((field) => dataOf(field.value));
  const level = value.fields.find(({ name }) => name === "cmsg_level")?.value;
  const brings = type.kind === "word" ? BRINGS.test(type.text) : isNumberOf(level, type);
  return brings ? [value.fields.find(({ name }) => name === "cmsg_data")?.value] : [];
}

const BRINGS = /^SCM_(RIGHTS|PIDFD)$/;
/**
 * SCM_RIGHTS, and SCM_PIDFD, for which strace has a word since 6.5, among SOL_SOCKET's messages.
 * Linux: include/linux/socket.h
 */
const NUMBERS: ReadonlySet<number> = new Set([1, 4]);
const SOL_SOCKET = 1;

/** `cmsg_level=0x1, cmsg_type=0x1`, as strace -X raw shows it. */
function isNumberOf(level: Value | undefined, type: Value): boolean {
  const isSocket =
    level?.kind === "word"
      ? level.text === "SOL_SOCKET"
      : level !== undefined && numberOf(level) === SOL_SOCKET;
  return isSocket && NUMBERS.has(numberOf(type));
}

function numberOf(value: Value): number {
  return Number(integerOf(value, constant) ?? Number.NaN);
}

/** UFFD_EVENT_FORK, and the bounds of the events of a userfaultfd. Linux: linux/userfaultfd.h */
const FORK = 0x13;
const [FIRST_EVENT, LAST_EVENT] = [0x12, 0x16];
const MESSAGE_BYTES = 32;
const FILE_AT = 8;

/**
 * Reading from a userfaultfd that a fork was told to brings that of the child: struct uffd_msg.
 * Linux: fs/userfaultfd.c resolve_userfault_fork
 */
export function readsMessages(task: Task, event: CallEvent): void {
  const { value, error } = event.result;
  const [from, into] = [event.args[0]?.value, event.args[1]?.value];
  const count = Number(value ?? 0);
  const fd = from === undefined ? undefined : integerOf(from, constant);
  if (error !== undefined || count <= 0 || count % MESSAGE_BYTES !== 0) return;
  if (into?.kind !== "string" || fd === undefined) return;
  // Another file of which anything is known is none.
  const file = task.files.peek(Number(fd))?.file;
  if (file?.kind === "file" && !file.name.includes("userfaultfd")) return;
  const bytes = Uint8Array.from(into.text, (character) => character.charCodeAt(0));
  if (!(bytes[0] >= FIRST_EVENT && bytes[0] <= LAST_EVENT)) return;
  if (bytes.subarray(1, FILE_AT).some((byte) => byte !== 0)) return;
  if (bytes.length < count) {
    task.files.forgetAll(new UnstatedFile());
    return;
  }
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < count; at += MESSAGE_BYTES) {
    if (bytes[at] !== FORK) continue;
    const opened = { file: new UnstatedFile(), closeOnExec: false };
    task.files.set(view.getUint32(at + FILE_AT, true), opened);
  }
}
