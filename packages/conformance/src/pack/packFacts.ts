import { DATA_ADDRESS } from "../program/layout.ts";
import { UNLIMITED } from "../target/procStatus.ts";
import type { ObservedArea, ObservedCredentials, StartState } from "../target/startState.ts";
import type { TargetFacts } from "../target/target.ts";

/** The image that `execve` executes. */
export const PACK_IMAGE = "/images/plain";

const PAGE_BYTES = 4096;
/** Where a program ends: 47 bits of address, less a page. Linux: TASK_SIZE_MAX of x86-64 */
const USER_LIMIT = 0x7fff_ffff_f000;

/** Who the processes of a case are before it makes them others. */
export const ROOT: ObservedCredentials = someone(0, "000001ffffffffff");

/** A user without any capability, whom no case names. */
export const SOMEONE: ObservedCredentials = someone(54_321, "0000000000000000");

function someone(id: number, capabilities: string): ObservedCredentials {
  const ids = [id, id, id, id];
  return {
    ...{ uids: ids, gids: ids, groups: [] },
    ...{ permitted: capabilities, effective: capabilities, bounding: "000001ffffffffff" },
    ...{ inheritable: "0000000000000000", ambient: "0000000000000000" },
    ...{ securebits: 0, noNewPrivs: false, dumpable: 1 },
  };
}

/**
 * What the model takes for a program that runs cases: the area that all share, an image and a
 * stack. A real one has more, at other places: no case asks where anything lies that it did not map
 * itself.
 */
export function packFacts(credentials: ObservedCredentials = ROOT): TargetFacts {
  const start = { ...START, credentials };
  return {
    ...{ name: "model", release: "", version: "", kernel: "" },
    ...{ abi: "x86-64", hasI386: true, settings: {}, facts: {} },
    start,
    executed: { ...start, inherited: false },
    images: { plain: PACK_IMAGE },
  };
}

function area(
  start: number,
  bytes: number,
  name: string,
  permissions: string,
  codes: string,
): ObservedArea {
  const vmFlags = codes.split(" ");
  const end = start + bytes;
  return {
    ...{ start, end, permissions, name, vmFlags },
    ...{ offset: 0, identity: "00:01 1", hasAnonymous: false },
  };
}

/** As much as the largest case has data. */
const SHARED_BYTES = 0x2_0000;
const STACK_BYTES = 33 * PAGE_BYTES;
const STACK_TOP = USER_LIMIT - PAGE_BYTES;

const START: StartState = {
  areas: [
    area(DATA_ADDRESS, SHARED_BYTES, "/memfd:cases", "rw-s", "rd wr sh mr mw me ms"),
    area(0x5555_5555_4000, 0x8000, "/runner", "r-xp", "rd ex mr mw me"),
    {
      ...area(STACK_TOP - STACK_BYTES, STACK_BYTES, "[stack]", "rw-p", "rd wr mr mw me gd ac"),
      hasAnonymous: true,
    },
  ],
  startBreak: 0x5555_5556_0000,
  break: 0x5555_5556_0000,
  startStack: STACK_TOP - 64,
  credentials: ROOT,
  limits: {
    RLIMIT_NOFILE: { soft: 1024, hard: 4096 },
    RLIMIT_MEMLOCK: { soft: 8 * 2 ** 20, hard: 8 * 2 ** 20 },
    RLIMIT_STACK: { soft: 8 * 2 ** 20, hard: UNLIMITED },
  },
  supervisor: 100,
  inherited: true,
};
