import {
  capabilityWords,
  capget as readCapabilities,
  capset as changeCapabilities,
  mayCapset,
  PREFERRED_CAPABILITY_VERSION,
} from "@kadvise/security";
import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyIn, copyOut, putInt, wordAt, words } from "../copyUser.ts";
import { parameter } from "../signature.ts";

const HEADER_BYTES = 8;
const DATA_BYTES = 12;

const PARAMETERS = [
  parameter("hdrp", { structure: "cap-header", direction: "inout" }),
  parameter("datap", { structure: "cap-data", direction: "out" }),
] as const;

/**
 * capget(2). A header of an unknown version is answered with the version that the kernel prefers;
 * without room for data that is a success. Linux: kernel/capability.c
 */
export const capget: SystemCall = {
  name: "capget",
  parameters: PARAMETERS,
  run(task, registers) {
    const { access } = task.machine;
    const header = copyIn(task, registers, 0, HEADER_BYTES);
    if ("ok" in header) return header;
    const version = wordAt(header, 0);
    const hasRoom = !registers.isZero(1);
    const known = capabilityWords(version);
    if (known === undefined) {
      const refusal = putInt(task, registers, 0, PREFERRED_CAPABILITY_VERSION);
      if (refusal !== undefined) return refusal;
    }
    const sets = readCapabilities(access, task.subject, {
      version,
      pid: wordAt(header, 4) | 0,
      hasRoom,
      findTask: (pid) => task.machine.processes.find(pid)?.thread?.payload.subject,
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
 * capset(2): of the calling thread alone; the header is judged before the data is read. Linux:
 * kernel/capability.c
 */
export const capset: SystemCall = {
  name: "capset",
  parameters: [PARAMETERS[0], parameter("datap", { structure: "cap-data", direction: "in" })],
  run(task, registers) {
    const { access } = task.machine;
    const header = copyIn(task, registers, 0, HEADER_BYTES);
    if ("ok" in header) return header;
    const version = wordAt(header, 0);
    const known = capabilityWords(version);
    if (known === undefined) {
      const refusal = putInt(task, registers, 0, PREFERRED_CAPABILITY_VERSION);
      if (refusal !== undefined) return refusal;
    }
    const refusal = mayCapset(access, {
      version,
      pid: wordAt(header, 4) | 0,
      ownPid: task.pid.number,
    });
    if (refusal !== undefined) return refusal;
    const data = copyIn(task, registers, 1, DATA_BYTES * (known ?? 1));
    if ("ok" in data) return data;
    const set = (i: number) => ({
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
