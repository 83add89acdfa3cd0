import { integerOf, type CallEvent, type Value } from "@kadvise/strace";
import { constant } from "../notation/constants.ts";

/** Where calls take their flags, counted from zero; a structure's field is named `flags`. */
const PLACE: { readonly [call: string]: number } = {
  accept4: 3,
  clone: 0,
  clone3: 0,
  dup3: 2,
  epoll_create1: 0,
  eventfd2: 1,
  inotify_init1: 0,
  memfd_create: 1,
  open: 1,
  openat: 2,
  openat2: 2,
  pipe2: 1,
  signalfd4: 3,
  socket: 1,
  socketpair: 1,
  timerfd_create: 1,
  unshare: 0,
  userfaultfd: 0,
  waitid: 3,
};

/**
 * A call's flags as a number; undefined where the log shows none, or words whose numbers are not
 * known here.
 */
export function flagsOf(event: CallEvent): number | undefined {
  const place = PLACE[event.name];
  if (place === undefined) return undefined;
  const argument = event.args.find(({ name }) => name === "flags") ?? event.args[place];
  const value = argument === undefined ? undefined : inStructure(argument.value);
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : Number(number);
}

function inStructure(value: Value): Value | undefined {
  if (value.kind === "change") return inStructure(value.before);
  if (value.kind !== "struct") return value;
  return value.fields.find(({ name }) => name === "flags")?.value;
}

/** Whether a flag is among a call's flags: as a word, or (strace -X raw) in their number. */
export function hasFlag(event: CallEvent, word: string): boolean {
  if (event.argumentText.includes(word)) return true;
  const bit = constant(word);
  const flags = flagsOf(event);
  if (bit === undefined || flags === undefined) return false;
  return (BigInt(flags) & BigInt(bit)) !== 0n;
}

/** SOCK_CLOEXEC, EFD_CLOEXEC and their kin all have the bit of O_CLOEXEC. */
export function closesOnExec(event: CallEvent): boolean {
  return event.argumentText.includes("CLOEXEC") || hasFlag(event, "O_CLOEXEC");
}

/** SOCK_NONBLOCK and its kin all have the bit of O_NONBLOCK. */
export function isNonblocking(event: CallEvent): boolean {
  return event.argumentText.includes("NONBLOCK") || hasFlag(event, "O_NONBLOCK");
}
