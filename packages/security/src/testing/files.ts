import { capabilitySet } from "../capabilitySet.ts";
import type { CapabilityName } from "@kadvise/uapi";
import type { FileCapabilities } from "../calls/execCapabilities.ts";

/** A program that recordings execute. recorder.c makes the same files. */
export interface ProgramFile {
  readonly owner: number;
  readonly group: number;
  readonly mode: number;
  readonly capabilities?: FileCapabilities;
}

function file(owner: number, group: number, mode: number): ProgramFile {
  return { owner, group, mode };
}

function capable(
  permitted: "all" | readonly CapabilityName[],
  inheritable: readonly CapabilityName[],
  effective: boolean,
  rest: { readonly rootId?: number; readonly owner?: number; readonly mode?: number } = {},
): ProgramFile {
  const { owner = 0, mode = 0o755 } = rest;
  const sets = {
    permitted: capabilitySet(permitted),
    inheritable: capabilitySet(inheritable),
    effective,
  };
  const capabilities = rest.rootId === undefined ? sets : { ...sets, rootId: rest.rootId };
  return { owner, group: owner, mode, capabilities };
}

const NICE: readonly CapabilityName[] = ["CAP_SYS_NICE"];
const NICE_CHOWN: readonly CapabilityName[] = ["CAP_SYS_NICE", "CAP_CHOWN"];

export const FILES: { readonly [name: string]: ProgramFile } = {
  plain: file(0, 0, 0o755),
  suid0: file(0, 0, 0o4755),
  suid1000: file(1000, 1000, 0o4755),
  sgid0: file(0, 0, 0o2755),
  sgid1000: file(1000, 1000, 0o2755),
  sgidnox: file(0, 1000, 0o2745),
  suidgid2000: file(2000, 2000, 0o6755),
  suidgid0: file(0, 0, 0o6755),
  xonly: file(0, 0, 0o711),
  xonlysuid0: file(0, 0, 0o4711),
  unread1000: file(1000, 1000, 0o311),
  fcapp: capable(NICE, [], false),
  fcapep: capable(NICE, [], true),
  fcapi: capable([], NICE_CHOWN, false),
  fcapie: capable([], NICE_CHOWN, true),
  fcap0: capable([], [], false),
  fcap0e: capable([], [], true),
  fcapsuid0: capable(NICE, [], true, { mode: 0o4755 }),
  fcapall: capable("all", [], true),
  fcapsuid1000: capable(NICE, [], true, { mode: 0o4755, owner: 1000 }),
  fcapsetid: capable(["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"], [], true),
  v3r1000: capable(NICE, [], true, { rootId: 1000 }),
  v3r0: capable(NICE, [], true, { rootId: 0 }),
};
