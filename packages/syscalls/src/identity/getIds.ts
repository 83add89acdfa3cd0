import {
  getegid as readEgid,
  geteuid as readEuid,
  getgid as readGid,
  getresgid as readResgid,
  getresuid as readResuid,
  getuid as readUid,
} from "@kadvise/security";
import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyOut, words } from "../copyUser.ts";
import { parameter } from "../signature.ts";

type Read = typeof readUid;
type ReadThree = typeof readResuid;

function getOne(name: string, read: Read): SystemCall {
  return { name, parameters: [], run: (task) => read(task.machine.access, task.subject) };
}

function getThree(name: string, letter: string, read: ReadThree): SystemCall {
  const names = [`r${letter}id`, `e${letter}id`, `s${letter}id`];
  return {
    name,
    parameters: names.map((id) => parameter(id, { structure: "uint", direction: "out" })),
    run(task, registers) {
      const ids = read(task.machine.access, task.subject);
      if (!ids.ok) return ids;
      for (const [i, id] of ids.value.entries()) {
        const refusal = copyOut(task, registers, i, words(id));
        if (refusal !== undefined) return refusal;
      }
      return success(0);
    },
  };
}

/** getuid(2), getgid(2) and their kin cannot fail. Linux: kernel/sys.c */
export const getuid: SystemCall = getOne("getuid", readUid);
export const geteuid: SystemCall = getOne("geteuid", readEuid);
export const getgid: SystemCall = getOne("getgid", readGid);
export const getegid: SystemCall = getOne("getegid", readEgid);
/** getresuid(2), getresgid(2): real, effective and saved, one pointer each. Linux: kernel/sys.c */
export const getresuid: SystemCall = getThree("getresuid", "u", readResuid);
export const getresgid: SystemCall = getThree("getresgid", "g", readResgid);
