import type { Limit } from "@kadvise/syscalls";
import { RLIMIT, type RlimitName } from "@kadvise/uapi";
import type { ObservedCredentials } from "./startState.ts";

/** The lines of /proc/PID/status, by name. */
export function parseStatus(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const colon = line.indexOf(":");
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    }),
  );
}

/** The numbers of a line of /proc/PID/status. */
export function numbersOf(line: string | undefined): readonly number[] {
  return (line ?? "")
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(Number);
}

/** Whose a process is and what it may do, as far as /proc/PID/status tells it. */
export function credentialsIn(
  status: ReadonlyMap<string, string>,
): Omit<ObservedCredentials, "securebits" | "dumpable"> {
  const set = (name: string): string => status.get(name) ?? "0";
  return {
    uids: numbersOf(status.get("Uid")),
    gids: numbersOf(status.get("Gid")),
    groups: numbersOf(status.get("Groups")),
    inheritable: set("CapInh"),
    permitted: set("CapPrm"),
    effective: set("CapEff"),
    bounding: set("CapBnd"),
    ambient: set("CapAmb"),
    noNewPrivs: set("NoNewPrivs") === "1",
  };
}

/** The names that /proc/PID/limits gives the resources. Linux: fs/proc/base.c lnames */
const LIMIT_LINES: { readonly [name in RlimitName]: string } = {
  RLIMIT_CPU: "Max cpu time",
  RLIMIT_FSIZE: "Max file size",
  RLIMIT_DATA: "Max data size",
  RLIMIT_STACK: "Max stack size",
  RLIMIT_CORE: "Max core file size",
  RLIMIT_RSS: "Max resident set",
  RLIMIT_NPROC: "Max processes",
  RLIMIT_NOFILE: "Max open files",
  RLIMIT_MEMLOCK: "Max locked memory",
  RLIMIT_AS: "Max address space",
  RLIMIT_LOCKS: "Max file locks",
  RLIMIT_SIGPENDING: "Max pending signals",
  RLIMIT_MSGQUEUE: "Max msgqueue size",
  RLIMIT_NICE: "Max nice priority",
  RLIMIT_RTPRIO: "Max realtime priority",
  RLIMIT_RTTIME: "Max realtime timeout",
};

/** The limits that /proc/PID/limits tells; one that is unlimited is left out. */
export function parseLimits(text: string): { readonly [name in RlimitName]?: Limit } {
  const limits: { [name in RlimitName]?: Limit } = {};
  for (const line of text.split("\n")) {
    for (const name of Object.keys(RLIMIT) as RlimitName[]) {
      if (!line.startsWith(LIMIT_LINES[name])) continue;
      const [soft = "", hard = ""] = line.slice(LIMIT_LINES[name].length).trim().split(/\s+/);
      limits[name] = { soft: limitOf(soft), hard: limitOf(hard) };
    }
  }
  return limits;
}

/** JSON has no infinity: what is not limited has the largest number that a limit can be. */
export const UNLIMITED: number = Number.MAX_SAFE_INTEGER;

function limitOf(word: string): number {
  return word === "unlimited" ? UNLIMITED : Number(word);
}
