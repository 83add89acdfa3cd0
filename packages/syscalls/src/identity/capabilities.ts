import {
  capabilityWords,
  capget as readCapabilities,
  capset as changeCapabilities,
  mayCapset,
  PREFERRED_CAPABILITY_VERSION,
} from "@kadvise/security";
import { type Result, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyIn, copyOut, putInt, wordAt, words } from "../copyUser.ts";
import { findPid, numberFor } from "../process/numbering.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const HEADER_BYTES = 8;
const DATA_BYTES = 12;

const PARAMETERS = [
  parameter("hdrp", { structure: "cap-header", direction: "inout" }),
  parameter("datap", { structure: "cap-data", direction: "out" }),
] as const;

/**
 * capget(2). A header of an unknown version is answered with the version that the kernel prefers;
 * without room for data that is a success, and the header's pid is not even read.
 *
 * Linux: kernel/capability.c capget, cap_validate_magic
 */
export const capget: SystemCall = {
  name: "capget",
  parameters: PARAMETERS,
  run(task, registers) {
    const { access } = task.machine;
    const magic = readMagic(task, registers);
    if (!magic.ok) return magic;
    const { version, known } = magic.value;
    const hasRoom = !registers.isZero(1);
    const header =
      known === undefined || !hasRoom ? NO_PID : copyIn(task, registers, 0, HEADER_BYTES);
    if ("ok" in header) return header;
    const sets = readCapabilities(access, task.subject, {
      version,
      pid: wordAt(header, 4) | 0,
      hasRoom,
      findTask: (pid) =>
        findPid(task, pid)?.thread?.payload.subject ?? askUnstated(task, pid),
    });
    if (!sets.ok) return sets;
    if (sets.value === undefined || known === undefined) return success(0);
    const { effective, permitted, inheritable } = sets.value;
    const low = [effective.lo, permitted.lo, inheritable.lo];
    const high = [effective.hi, permitted.hi, inheritable.hi];
    return copyOut(task, registers, 1, words(...low, ...(known === 2 ? high : []))) ?? success(0);
  },
};

/**
 * capset(2): of the calling thread alone; the header is judged before the data is read.
 *
 * Linux: kernel/capability.c capset
 */
export const capset: SystemCall = {
  name: "capset",
  parameters: [PARAMETERS[0], parameter("datap", { structure: "cap-data", direction: "in" })],
  run(task, registers) {
    const { access } = task.machine;
    const magic = readMagic(task, registers);
    if (!magic.ok) return magic;
    const { version, known } = magic.value;
    const header = known === undefined ? NO_PID : copyIn(task, registers, 0, HEADER_BYTES);
    if ("ok" in header) return header;
    const pid = wordAt(header, 4) | 0;
    const refusal = mayCapset(access, { version, pid, ownPid: numberFor(task, task.pid) });
    if (refusal !== undefined) return refusal;
    const data = copyIn(task, registers, 1, DATA_BYTES * (known ?? 1));
    if ("ok" in data) return data;
    const set = (i: number): { lo: number; hi: number } => ({
      lo: wordAt(data, i * 4),
      hi: known === 2 ? wordAt(data, DATA_BYTES + i * 4) : 0,
    });
    return changeCapabilities(access, task.subject, {
      effective: set(0),
      permitted: set(1),
      inheritable: set(2),
    });
  },
};

/** The version alone is read first; one that is not known is overwritten with the kernel's. */
function readMagic(
  task: Task,
  registers: Registers,
): Result<{ readonly version: number; readonly known: 1 | 2 | undefined }> {
  const magic = copyIn(task, registers, 0, 4);
  if ("ok" in magic) return magic;
  const version = wordAt(magic, 0);
  const known = capabilityWords(version);
  const refusal =
    known === undefined ? putInt(task, registers, 0, PREFERRED_CAPABILITY_VERSION) : undefined;
  return refusal ?? success({ version, known });
}

/** A header of which nobody reads the pid. */
const NO_PID: Uint8Array = new Uint8Array(HEADER_BYTES);

/** A recorded machine has more processes than the record shows. */
function askUnstated({ machine }: Task, pid: number): undefined {
  if (!machine.recorded) return;
  machine.ports.choices.choose<never>({
    id: "capget/unstated-process",
    usual: undefined as never,
    allows: () => false,
    describe: () => `whether process ${pid} exists, and its capabilities`,
  });
}
