import type { Operation, Program, ReadOperation } from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";
import { differentEntries, differentLines } from "./compareViews.ts";
import { fieldText } from "../program/shownField.ts";

/**
 * Whether a real kernel's result of an operation is what the model says. What the model does not
 * know of (a file, a call) is no difference.
 */
export function resultsMatch(
  operation: Operation,
  seen: OperationResult,
  modelled: OperationResult,
): boolean {
  if (modelled.state === "unmodelled") return true;
  if (seen.state !== modelled.state) return false;
  switch (seen.state) {
    case "done":
      if (operation.kind === "read") return sameFile(operation, seen, modelled);
      return seen.value === modelled.value && samePayload(seen, modelled);
    case "faulted":
      return (
        seen.value === modelled.value &&
        seen.signal === modelled.signal &&
        seen.code === modelled.code &&
        seen.address === modelled.address &&
        samePayload(seen, modelled)
      );
    case "died":
      // How a thread ended beside its process, nobody is told who could look.
      return seen.signal === undefined || seen.signal === modelled.signal;
    case "not-reached":
    case "absent":
    case "hung":
      return true;
  }
}

function sameFile(
  { shows, path }: ReadOperation,
  seen: OperationResult,
  modelled: OperationResult,
): boolean {
  if (shows === undefined) {
    const different = differencesIn(path, seen, modelled);
    return different === undefined ? sameText(seen, modelled) : different.length === 0;
  }
  const [theirs, ours] = [seen, modelled].map(({ payload }) =>
    fieldText(shows, payload ?? new Uint8Array()),
  );
  return theirs === ours;
}

/**
 * Where an observation of smaps, status or pagemap is not what the model says; undefined for any
 * other file.
 */
export function differencesIn(
  path: string,
  seen: OperationResult,
  modelled: OperationResult,
): readonly string[] | undefined {
  const compare = VIEWS[path];
  if (compare === undefined) return undefined;
  if (seen.value < 0n || modelled.value < 0n) {
    return seen.value === modelled.value ? [] : [`${modelled.value}, not ${seen.value}`];
  }
  return compare(seen.payload ?? NOTHING, modelled.payload ?? NOTHING);
}

/**
 * Where a program's difference is one of smaps, status or pagemap, which the model tells otherwise,
 * whose, and what; or one of bytes in memory, which and what; undefined for a difference of another
 * kind.
 */
export function differentViews(
  { operations }: Program,
  { operation, seen, modelled }: Observation,
): readonly string[] | undefined {
  const read = operations[operation];
  if (read?.kind === "load") return differentBytes(seen, modelled);
  if (read?.kind !== "read" || read.shows !== undefined) return undefined;
  const [file] = read.path.split("/").slice(-1);
  const lines = differencesIn(read.path, seen, modelled);
  return lines?.map((line) => `${file} of process ${read.of}: ${line}`);
}

/** So many bytes that differ are told. */
const BYTES = 8;

/** Counted from the first byte that was read; an address may be known only while a program runs. */
function differentBytes(
  { payload: theirs }: OperationResult,
  { payload: ours }: OperationResult,
): readonly string[] | undefined {
  if (theirs === undefined || ours === undefined) return undefined;
  const lines = [...ours].flatMap((byte, i) =>
    byte === theirs[i] ? [] : [`byte ${i} of memory: ${byte}, not ${theirs[i] ?? "there"}`],
  );
  return lines.length === 0 ? undefined : lines.slice(0, BYTES);
}

/** What both sides made of an operation. */
interface Observation {
  readonly operation: number;
  readonly seen: OperationResult;
  readonly modelled: OperationResult;
}

const NOTHING = new Uint8Array();
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const byLines = (theirs: Uint8Array, ours: Uint8Array): readonly string[] =>
  differentLines(latin1(theirs), latin1(ours));

const VIEWS: {
  readonly [path: string]: (theirs: Uint8Array, ours: Uint8Array) => readonly string[];
} = {
  "/proc/%/smaps": byLines,
  "/proc/%/status": byLines,
  "/proc/%/pagemap": differentEntries,
};

/** A page above the user's half that x86-64 appends to maps: it is no area. */
const VSYSCALL = /^ffffffffff600000-.*\n/m;
const VSYSCALL_ALONE = /^ffffffffff600000-.*\n$/;

/**
 * What an observation of maps says, for people and for comparing. Numbers of shared memory's own
 * files count up as the machine runs: they are told apart, and that is all.
 */
export function textOf({ value, payload }: OperationResult): string {
  if (value < 0n) return `error ${-value}`;
  const text = Buffer.from(payload ?? []).toString("latin1");
  const numbers = new Map<string, number>();
  return text
    .replace(VSYSCALL, "")
    .replace(SHARED_MEMORY, (_, start: string, inode: string, name: string) => {
      const number = numbers.get(inode) ?? numbers.size + 1;
      numbers.set(inode, number);
      return `${start}:#${number} ${name}`;
    })
    .replaceAll(" \n", "\n");
}

const SHARED_MEMORY =
  /^(\S+ \S+ \S+ \d\d):([\da-f]{2} \d+) +((?:\/dev\/zero|\/anon_hugepage|\/memfd:\S*|\/SYSV\w+) \(deleted\)|\[anon_shmem:.*\])$/gm;

/** Most texts are the same to the byte, but for the line behind the last area. */
function sameText(seen: OperationResult, modelled: OperationResult): boolean {
  return startsWith(seen, modelled) || textOf(seen) === textOf(modelled);
}

function startsWith(seen: OperationResult, modelled: OperationResult): boolean {
  if (seen.payload === undefined || modelled.payload === undefined) return false;
  const theirs = Buffer.from(seen.payload.buffer, seen.payload.byteOffset, seen.payload.length);
  const { length } = modelled.payload;
  if (theirs.length < length) return false;
  if (theirs.compare(modelled.payload, 0, length, 0, length) !== 0) return false;
  return theirs.length === length || VSYSCALL_ALONE.test(theirs.toString("latin1", length));
}

function samePayload(a: OperationResult, b: OperationResult): boolean {
  return Buffer.compare(a.payload ?? new Uint8Array(), b.payload ?? new Uint8Array()) === 0;
}
