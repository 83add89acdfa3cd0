import { AT, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyInText } from "../copyUser.ts";
import { parameter } from "../signature.ts";
import type { OpenEntry, Task } from "../task.ts";
import { execProgram, PLAIN } from "./execve.ts";
import { checkWords } from "./programWords.ts";

const entries = {
  "execveat/empty-path": {
    errno: "ENOENT",
    text: "the path is empty, and AT_EMPTY_PATH does not say that the descriptor is meant",
    passes: "there is a path, or the descriptor is meant",
    linux: "fs/namei.c getname_flags",
    since: "3.19",
    remedy: "pass AT_EMPTY_PATH to execute what the descriptor names",
  },
  "execveat/path-too-long": {
    errno: "ENAMETOOLONG",
    text: "the path has no end within 4096 bytes",
    linux: "fs/namei.c getname_flags",
    since: "3.19",
    remedy: "pass a shorter path, or one from a directory on",
  },
  "execveat/flags": {
    errno: "EINVAL",
    text: "a flag that this release does not know",
    passes: "the flags are known",
    linux: "fs/exec.c do_open_execat",
    since: "3.19",
    remedy: "pass AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, AT_EXECVE_CHECK (6.14)",
    compares: ["flags"],
  },
  "execveat/closed": {
    errno: "EBADF",
    text: "the descriptor is not open",
    passes: "the descriptor is open",
    linux: "fs/namei.c path_init",
    since: "3.19",
    remedy: "pass an open descriptor, AT_FDCWD, or an absolute path",
    compares: ["dirfd"],
  },
  "execveat/not-a-directory": {
    errno: "ENOTDIR",
    text: "a path begins at the descriptor, which is no directory",
    linux: "fs/namei.c path_init",
    since: "3.19",
    remedy: "pass a directory, or an empty path with AT_EMPTY_PATH",
    compares: ["dirfd"],
  },
  "execveat/not-executable": {
    errno: "EACCES",
    text: "it is no regular file, nobody may execute it, or it lies where nothing is executed",
    linux: "fs/namei.c may_open, fs/exec.c do_open_execat",
    since: "3.19",
    remedy: "pass a regular file that may be executed",
    compares: ["dirfd"],
  },
  "execveat/no-program": {
    errno: "ENOEXEC",
    text: "the file holds no program",
    linux: "fs/exec.c search_binary_handler",
    since: "3.19",
    remedy: "write a program into it first",
    compares: ["dirfd"],
  },
} as const;

/** execveat's own reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** execveat's flags, as logs print them. */
export const EXECVEAT_FLAGS: { readonly [name: string]: number } = {
  AT_SYMLINK_NOFOLLOW: AT.AT_SYMLINK_NOFOLLOW,
  AT_EMPTY_PATH: AT.AT_EMPTY_PATH,
  AT_EXECVE_CHECK: AT.AT_EXECVE_CHECK,
};

/** Linux: include/uapi/linux/limits.h PATH_MAX */
const PATH_BYTES = 4096;
const EXECUTABLE = 0o111;

/**
 * execveat(2): a program by a path from a directory on, or by its descriptor. Paths are not
 * modelled: an absolute one, or one from the working directory on, leads to a plain program; files
 * in memory hold none. Linux: fs/exec.c do_execveat_common
 */
export const execveat: SystemCall = {
  name: "execveat",
  parameters: [
    parameter("dirfd", "fd"),
    parameter("pathname", "text"),
    parameter("argv", "pointer"),
    parameter("envp", "pointer"),
    parameter("flags", { flags: EXECVEAT_FLAGS, unknown: "AT_???" }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const { programOpensFirst, execFlagsFirst } = task.machine.profile.abi;
    const flags = registers.int(4);
    const unknown = execFlagsFirst ? checkFlags(task, flags) : undefined;
    if (unknown !== undefined) return unknown;
    const path = copyInText(task, registers, 1, PATH_BYTES);
    if ("ok" in path) return path;
    if (path.length === PATH_BYTES) return reasons.refuse(checks, "execveat/path-too-long");
    if (path.length === 0 && (flags & AT.AT_EMPTY_PATH) === 0)
      return reasons.refuse(checks, "execveat/empty-path");
    reasons.passed(checks, "execveat/empty-path");
    const place = { dirfd: registers.int(0), path: String.fromCharCode(...path), flags };
    // Up to 6.7 the words were copied before the program was opened.
    const early = programOpensFirst ? undefined : checkWords(task, registers, 2, 3);
    const objection =
      early ??
      openProgram(task, place) ??
      (programOpensFirst ? checkWords(task, registers, 2, 3) : undefined);
    return objection ?? onlyChecked(task, place) ?? execProgram(task, PLAIN);
  },
};

/** What execveat names. */
export interface ProgramPlace {
  readonly dirfd: number;
  readonly path: string;
  readonly flags: number;
}

/** Whether a program can be opened to be executed. Linux: fs/exec.c do_open_execat */
export function openProgram(task: Task, { dirfd, path, flags }: ProgramPlace): Refusal | undefined {
  const { machine } = task;
  const { checks } = machine.ports;
  const unknown = checkFlags(task, flags);
  if (unknown !== undefined) return unknown;
  if (dirfd !== AT.AT_FDCWD && !path.startsWith("/")) {
    const file = task.files.get(dirfd)?.file;
    if (file === undefined) return reasons.refuse(checks, "execveat/closed", dirfd);
    reasons.passed(checks, "execveat/closed", dirfd);
    if (path === "") return checkFile(task, dirfd, file);
    if (!mayBeDirectory(task, file))
      return reasons.refuse(checks, "execveat/not-a-directory", dirfd);
  } else if (path === "") return reasons.refuse(checks, "execveat/not-executable", dirfd);
  if (machine.recorded) askForProgram(task);
  return undefined;
}

function checkFlags({ machine }: Task, flags: number): Refusal | undefined {
  const { checks } = machine.ports;
  const known =
    AT.AT_SYMLINK_NOFOLLOW |
    AT.AT_EMPTY_PATH |
    (machine.profile.abi.executionCheck ? AT.AT_EXECVE_CHECK : 0);
  if ((flags & ~known) !== 0) return reasons.refuse(checks, "execveat/flags", flags);
  reasons.passed(checks, "execveat/flags", flags);
  return undefined;
}

/** Whether a file is one to execute. Linux: fs/namei.c may_open */
function checkFile(task: Task, dirfd: number, file: OpenEntry): Refusal | undefined {
  const { recorded, ports } = task.machine;
  const isKnown = !recorded || file.kind === "pidfd";
  if (!isKnown) askForProgram(task);
  const isExecutable =
    file.kind === "file" && file.mappable && !file.noExec && (file.object.mode & EXECUTABLE) !== 0;
  return isExecutable ? undefined : reasons.refuse(ports.checks, "execveat/not-executable", dirfd);
}

/** No simulated program has a directory open. */
function mayBeDirectory({ machine }: Task, file: OpenEntry): boolean {
  if (!machine.recorded || file.kind === "pidfd") return false;
  return file.kind === "unstated" || file.kindUnstated || !file.mappable;
}

/** What is answered where nothing is executed: only that was asked, or the file is no program. */
export function onlyChecked(task: Task, { path, dirfd, flags }: ProgramPlace): Outcome | undefined {
  if ((flags & AT.AT_EXECVE_CHECK) !== 0) return success(0);
  if (path !== "") return undefined;
  return reasons.refuse(task.machine.ports.checks, "execveat/no-program", dirfd);
}

/** Whether a program exists and may be executed, a log does not tell before the fact. */
function askForProgram({ machine }: Task): void {
  machine.ports.choices.choose<never>({
    id: "execve/program",
    usual: undefined as never,
    allows: () => false,
    describe: () => "whether the program exists and may be executed",
  });
}
