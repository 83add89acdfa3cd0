import { credentialsIn, numbersOf, parseLimits, parseStatus } from "../target/procStatus.ts";
import { parseSmaps } from "../target/smaps.ts";
import type { ObservedArea, ObservedCredentials } from "../target/startState.ts";
import type { Limit } from "@kadvise/syscalls";
import { textOf, type ProcReader, type Said } from "./procFiles.ts";

/** A user namespace and those above it, the own one first: inode and owner's uid of each. */
export type NamespaceChain = readonly { readonly inode: string; readonly owner: number }[];

/** What /proc tells of a process; what it did not tell is absent, and named in `lacks`. */
export interface ProcessFacts {
  readonly pid: number;
  readonly name: string;
  /** The letter of its state: Z is a zombie. */
  readonly state: string;
  /** The number of its thread group: another than its own for a thread. */
  readonly threadGroup: number;
  readonly isKernelThread: boolean;
  readonly hasMemory: boolean;
  readonly credentials: Omit<ObservedCredentials, "securebits" | "dumpable">;
  readonly dumpable: 0 | 1 | "unknown";
  /** The inode of its user namespace. */
  readonly namespace: string | undefined;
  readonly uidMap: readonly (readonly [inside: number, outside: number, count: number])[];
  readonly seccomp: number;
  /** What a security module calls it; undefined where none does. */
  readonly label: string | undefined;
  readonly areas: readonly ObservedArea[] | undefined;
  /** /proc/PID/maps, with what is no area of the address space. */
  readonly maps: string | undefined;
  readonly limits: { readonly [name: string]: Limit };
  /** Owner and permission bits of the files that are mapped, by name, as far as they can be seen. */
  readonly files: { readonly [name: string]: FileFacts };
  /** The errors with which files could not be read. */
  readonly lacks: { readonly [file: string]: string };
}

/** A file as the access to its pages asks of it. */
export interface FileFacts {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** The inode of the initial user namespace. Linux: include/linux/proc_ns.h PROC_USER_INIT_INO */
export const INITIAL_USER_NAMESPACE = "4026531837";

/** Reads what /proc tells of a process. Undefined where there is no such process. */
export function readProcess(
  files: ProcReader,
  pid: number,
  pageBytes = 4096,
): ProcessFacts | undefined {
  const at = (file: string): string => `/proc/${pid}/${file}`;
  const lacks: { [file: string]: string } = {};
  const read = (file: string, how: "text" | "link" = "text"): Said => {
    const what = files[how](at(file));
    if (!what.ok) lacks[file] = what.error;
    return what;
  };
  const statusText = files.text(at("status"));
  if (!statusText.ok) return undefined;
  const status = parseStatus(statusText.text);
  const credentials = credentialsIn(status);
  const hasMemory = status.has("VmSize");
  const state = (status.get("State") ?? "?").charAt(0);
  const smaps = hasMemory ? read("smaps") : undefined;
  const maps = hasMemory ? read("maps") : undefined;
  const uidMap = uidMapOf(textOf(read("uid_map")));
  const namespace = /^user:\[(\d+)\]$/.exec(textOf(read("ns/user", "link")))?.[1];
  const owner = files.owner(at("status"));
  const areas = smaps?.ok === true ? parseSmaps(smaps.text, pageBytes) : undefined;
  return {
    pid,
    name: status.get("Name") ?? "",
    state,
    threadGroup: Number(status.get("Tgid") ?? pid),
    isKernelThread: status.get("Kthread") === "1" || isOldKernelThread(status, state),
    hasMemory,
    credentials,
    dumpable: owner.ok ? dumpableOf(owner.text, credentials, uidMap) : "unknown",
    namespace,
    uidMap,
    seccomp: Number(status.get("Seccomp") ?? 0),
    label: labelOf(files.text(at("attr/current"))),
    areas,
    maps: maps?.ok === true ? maps.text : undefined,
    limits: parseLimits(textOf(read("limits"))),
    files: filesOf(files, pid, areas ?? []),
    lacks,
  };
}

/** Before 6.10 status has no Kthread line: a kernel thread has no memory and is no zombie. */
function isOldKernelThread(status: ReadonlyMap<string, string>, state: string): boolean {
  return !status.has("Kthread") && !status.has("VmSize") && state !== "Z" && state !== "X";
}

function uidMapOf(text: string): ProcessFacts["uidMap"] {
  return text
    .split("\n")
    .map((line) => numbersOf(line))
    .flatMap(([inside, outside, count]) =>
      inside === undefined || outside === undefined || count === undefined
        ? []
        : [[inside, outside, count] as const],
    );
}

/**
 * The files below /proc/PID belong to the process' effective ids where it is dumpable, and else to
 * the root of the user namespace in which it was executed. Where the two are the same ids, the
 * owner tells nothing. Linux: fs/proc/base.c task_dump_owner
 */
function dumpableOf(
  owner: string,
  { uids, gids }: ProcessFacts["credentials"],
  uidMap: ProcessFacts["uidMap"],
): 0 | 1 | "unknown" {
  const own = `${uids[1]} ${gids[1]}`;
  if (owner.split(" ").slice(0, 2).join(" ") !== own) return 0;
  const roots = [0, ...uidMap.filter(([inside]) => inside === 0).map(([, outside]) => outside)];
  return roots.includes(uids[1] ?? 0) && roots.includes(gids[1] ?? 0) ? "unknown" : 1;
}

/** What SELinux, AppArmor or another module calls a process: without one the file has nothing. */
function labelOf(what: Said): string | undefined {
  const text = textOf(what).replace(/\0/g, "").trim();
  return text === "" ? undefined : text;
}

function filesOf(
  files: ProcReader,
  pid: number,
  areas: readonly ObservedArea[],
): ProcessFacts["files"] {
  const names = new Set(areas.map(({ name }) => name).filter((name) => name.startsWith("/")));
  const found: { [name: string]: FileFacts } = {};
  for (const name of names) {
    const what = files.owner(`/proc/${pid}/root${name}`);
    const [uid, gid, mode] = numbersOf(textOf(what));
    if (uid !== undefined && gid !== undefined && mode !== undefined)
      found[name] = { uid, gid, mode };
  }
  return found;
}
