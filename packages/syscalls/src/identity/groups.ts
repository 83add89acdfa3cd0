import {
  getgroups as readGroups,
  maySetgroups,
  setgroups as changeGroups,
} from "@kadvise/security";
import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyIn, copyOut, wordAt, words } from "../copyUser.ts";
import { parameter } from "../signature.ts";

/** getgroups(2): a size of 0 asks for their number. Linux: kernel/groups.c */
export const getgroups: SystemCall = {
  name: "getgroups",
  parameters: [
    parameter("size", "int"),
    parameter("list", { structure: "ids", direction: "out", count: "size" }),
  ],
  run(task, registers) {
    const size = registers.int(0);
    const groups = readGroups(task.machine.access, task.subject, size);
    if (!groups.ok) return groups;
    const refusal = size === 0 ? undefined : copyOut(task, registers, 1, words(...groups.value));
    return refusal ?? success(groups.value.length);
  },
};

/** setgroups(2): permission and number are asked before the list is read. Linux: kernel/groups.c */
export const setgroups: SystemCall = {
  name: "setgroups",
  parameters: [
    parameter("size", "int"),
    parameter("list", { structure: "ids", direction: "in", count: "size" }),
  ],
  run(task, registers) {
    const { access } = task.machine;
    const size = registers.int(0);
    const refusal = maySetgroups(access, task.subject, size >>> 0);
    if (refusal !== undefined) return refusal;
    const bytes = copyIn(task, registers, 1, size * 4);
    if ("ok" in bytes) return bytes;
    return changeGroups(
      access,
      task.subject,
      Array.from({ length: size }, (_, i) => wordAt(bytes, i * 4)),
    );
  },
};
