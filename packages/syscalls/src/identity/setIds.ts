import {
  setfsgid as changeFsgid,
  setfsuid as changeFsuid,
  setgid as changeGid,
  setregid as changeRegid,
  setresgid as changeResgid,
  setresuid as changeResuid,
  setreuid as changeReuid,
  setuid as changeUid,
} from "@kadvise/security";
import type { SystemCall } from "../call.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";

type One = typeof changeUid;
type Two = typeof changeReuid;
type Three = typeof changeResuid;

/**
 * i386's 16-bit calls widen their ids: 0xffff means "leave it" there too. Linux: kernel/uid16.c
 * low2highuid
 */
function id(registers: Registers, i: number): number {
  return registers.int(i);
}

function one(name: string, parameterName: string, change: One): SystemCall {
  return {
    name,
    parameters: [parameter(parameterName, "id")],
    run: (task, registers) => change(task.machine.access, task.subject, id(registers, 0)),
  };
}

function two(name: string, letter: string, change: Two): SystemCall {
  return {
    name,
    parameters: [parameter(`r${letter}id`, "id"), parameter(`e${letter}id`, "id")],
    run: (task, registers) =>
      change(task.machine.access, task.subject, id(registers, 0), id(registers, 1)),
  };
}

function three(name: string, letter: string, change: Three): SystemCall {
  return {
    name,
    parameters: [`r${letter}id`, `e${letter}id`, `s${letter}id`].map((word) =>
      parameter(word, "id"),
    ),
    run: (task, registers) =>
      change(
        task.machine.access,
        task.subject,
        id(registers, 0),
        id(registers, 1),
        id(registers, 2),
      ),
  };
}

/** The calls that change ids; their rules are in the security package. Linux: kernel/sys.c */
export const setuid: SystemCall = one("setuid", "uid", changeUid);
export const setgid: SystemCall = one("setgid", "gid", changeGid);
export const setfsuid: SystemCall = one("setfsuid", "fsuid", changeFsuid);
export const setfsgid: SystemCall = one("setfsgid", "fsgid", changeFsgid);
export const setreuid: SystemCall = two("setreuid", "u", changeReuid);
export const setregid: SystemCall = two("setregid", "g", changeRegid);
export const setresuid: SystemCall = three("setresuid", "u", changeResuid);
export const setresgid: SystemCall = three("setresgid", "g", changeResgid);
