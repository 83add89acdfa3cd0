import { Unknown } from "@kadvise/ports";
import type { CallEvent } from "@kadvise/strace";
import {
  callDecoded,
  SYSCALL_REASONS,
  SYSTEM_CALLS,
  type DecodedArgument,
  type DecodedOutcome,
  type SystemCall,
  type Task,
} from "@kadvise/syscalls";
import { ERRNO, type Refusal } from "@kadvise/uapi";
import { decodeArguments, type DecodedCallText } from "../notation/decode.ts";
import { NotShown } from "../notation/notShown.ts";
import type { Run } from "./branch.ts";
import type { Observed } from "./observed.ts";
import { hasFlag } from "./flagArgument.ts";
import { SPECIAL } from "./openedFile.ts";
import { plainName } from "./scope.ts";
import { gateOf } from "./gate.ts";
import type { World } from "./world.ts";

/** What it takes to run a logged call in any world. */
export interface PreparedCall {
  readonly call: SystemCall;
  readonly args: readonly DecodedArgument[];
  readonly run: Run;
  readonly observed: Observed;
}

/**
 * Calls of the model that are not followed in logs: what they read of other processes, or change of
 * them, a log shows in part only. Their effects are taken from the log.
 */
const NOT_FOLLOWED: ReadonlySet<string> = new Set([
  ...[
    "prlimit64",
    "getrlimit",
    "setrlimit",
    "ugetrlimit",
    "getpgid",
    "getpgrp",
    "getsid",
    "setpgid",
    "setsid",
    "memfd_create",
    "ftruncate",
    "fallocate",
    "kcmp",
    "ptrace",
    "unshare",
    "ioctl",
    "remap_file_pages",
    "poll",
    "ppoll",
    "setns",
    "process_vm_readv",
    "process_vm_writev",
  ],
]);

/**
 * Makes a logged call ready to be run by a thread. Undefined where the model does not cover it, or
 * the log does not show enough.
 */
export function prepareCall(
  event: CallEvent,
  pid: number,
  isFirstExec: boolean,
): PreparedCall | undefined {
  const call = SYSTEM_CALLS.get(plainName(event.name));
  if (call === undefined || NOT_FOLLOWED.has(event.name)) return undefined;
  let decoded: DecodedCallText;
  try {
    decoded = decodeArguments(call, event.args);
  } catch (error) {
    if (error instanceof NotShown) return undefined;
    throw error;
  }
  const { result } = event;
  const pidfd = clonedPidfd(event);
  const observed: Observed = {
    shown: decoded.shown,
    outputs: parameterNames(call),
    ...(result.error === undefined && result.value !== undefined ? { value: result.value } : {}),
    ...(result.error === undefined ? {} : { error: result.error }),
    ...(result.unknown && result.error === undefined && !isExit(call.name)
      ? { isUntold: true }
      : {}),
    ...(pidfd === undefined ? {} : { pidfd }),
  };
  const run: Run = (world) => {
    const task = taskOf(world, pid);
    if (task.mm === undefined) throw new Unknown("judge/no-memory", `how ${pid} can still call`);
    world.assumptions.space = task.mm;
    if (call.name === "execve" && !isFirstExec) {
      const [path] = decoded.args;
      const exists = typeof path === "string" ? world.options.programs?.[path] : undefined;
      if (exists === false) return { outcome: NO_SUCH_PROGRAM, outputs: [] };
      if (exists === undefined) askForProgram(world);
    }
    const result = callDecoded(task, gateOf(world, task, event), call, fresh(decoded.args));
    if (MAPS.has(call.name)) forgetDevice(task, decoded.args, result);
    if (observed.error === "EINVAL" && hidesTarget(event)) askForTarget(result);
    return result;
  };
  return { call, args: decoded.args, run, observed };
}

/**
 * Whether strace leaves out where mremap was to move to: it shows the address with MREMAP_FIXED only,
 * but Linux looks at it with MREMAP_DONTUNMAP too. Linux: mm/mremap.c check_mremap_params
 */
function hidesTarget(event: CallEvent): boolean {
  return event.name === "mremap" && event.args.length === 4 && hasFlag(event, "MREMAP_DONTUNMAP");
}

/** What no other rule refuses, an address may have been to blame for that nobody shows. */
function askForTarget({ outcome }: DecodedOutcome): void {
  if (!outcome.ok && outcome.code === "EINVAL") return;
  throw new Unknown("mremap/unshown-target", "the fifth argument, which strace leaves out");
}

const MAPS: ReadonlySet<string> = new Set(["mmap", "mmap2"]);

/**
 * What a device makes of a mapping is not known: /dev/zero makes anonymous memory of
 * it, others areas that refuse all advice. Linux: drivers/char/mem.c mmap_zero
 */
function forgetDevice(
  { files, machine, mm }: Task,
  args: readonly DecodedArgument[],
  { outcome }: DecodedOutcome,
): void {
  const [length, fd] = [Number(args[1]), Number(args[4])];
  const file = fd >= 0 ? files.peek(fd)?.file : undefined;
  if (!outcome.ok || file?.kind !== "file" || !SPECIAL.test(file.name)) return;
  const { pageBytes } = machine.memory;
  mm?.forget(outcome.value / pageBytes, Math.ceil((outcome.value + length) / pageBytes));
}

const NAMES: WeakMap<SystemCall, readonly string[]> = new WeakMap();

function parameterNames(call: SystemCall): readonly string[] {
  let names = NAMES.get(call);
  if (names === undefined) {
    names = call.parameters.map(({ name }) => name);
    NAMES.set(call, names);
  }
  return names;
}

/** A call may write where it reads: each run has its own bytes. */
function fresh(args: readonly DecodedArgument[]): readonly DecodedArgument[] {
  if (!args.some((argument) => argument instanceof Uint8Array)) return args;
  return args.map((argument) => (argument instanceof Uint8Array ? argument.slice() : argument));
}

function isExit(name: string): boolean {
  return name === "exit" || name === "exit_group";
}

function taskOf(world: World, pid: number): Task {
  const task = world.process(pid)?.task;
  if (task === undefined) throw new RangeError(`process ${pid} is not in this world`);
  return task;
}

const NO_SUCH_PROGRAM: Refusal = {
  ok: false,
  code: "ENOENT",
  errno: ERRNO.ENOENT,
  reason: {
    id: "execve/no-such-program",
    text: SYSCALL_REASONS["execve/no-such-program"].text,
    compared: {},
  },
};

/** Whether a program exists and may be executed, a log does not tell before the fact. */
function askForProgram(world: World): void {
  world.kernel.ports.choices.choose<never>({
    id: "execve/program",
    usual: undefined as never,
    allows: () => false,
    describe: () => "whether the program exists and may be executed",
  });
}

/** The descriptor that clone and clone3 show for CLONE_PIDFD. */
function clonedPidfd(event: CallEvent): number | undefined {
  if (!event.name.startsWith("clone") || !hasFlag(event, "CLONE_PIDFD")) return undefined;
  const shown = event.argumentText.slice(event.argumentText.lastIndexOf("=>") + 1);
  const match = /(?:pidfd|parent_tid)=\[(\d+)\]/.exec(shown);
  return match === null ? undefined : Number(match[1]);
}
