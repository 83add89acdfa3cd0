import { integerOf, type Value } from "@kadvise/strace";
import { CAP, PR } from "@kadvise/uapi";
import type { Step } from "./parse.ts";
import { capabilityNames, ScenarioMisuse } from "./run.ts";

/** A call that makes a process another, with the structures that it points to. */
export interface SpawnCall {
  readonly name: string;
  readonly args: readonly number[];
  /** A header of 8 bytes and what follows it: two more arguments point to them. */
  readonly data?: Uint8Array;
}

const ALL = 2n ** 64n - 1n;
/** Linux: include/uapi/linux/capability.h _LINUX_CAPABILITY_VERSION_3 */
const VERSION_3 = 0x2008_0522;

/**
 * The calls by which root becomes what `spawn({uid=1000, caps=[…]})` asks for. What it is not told
 * follows the uid, as in the model: root has all capabilities, everybody else none.
 */
export function spawnCalls(step: Step): readonly SpawnCall[] {
  const fields = fieldsOf(step);
  const number = (name: string, otherwise: number): number => {
    const value = fields.get(name);
    return value === undefined ? otherwise : Number(integerOf(value) ?? otherwise);
  };
  const uid = number("uid", 0);
  const gid = number("gid", uid);
  const euid = number("euid", uid);
  const egid = number("egid", gid);
  const suid = number("suid", uid);
  const caps = fields.get("caps") ?? fields.get("capabilities");
  const isPlain = fields.size === 0 || (fields.size === 1 && uid === 0 && fields.has("uid"));
  if (isPlain) return [];
  const isRoot = uid === 0 || euid === 0 || suid === 0;
  const permitted = caps === undefined ? (isRoot ? undefined : 0n) : setOf(step, caps);
  const call = (name: string, ...args: readonly number[]): SpawnCall => ({ name, args });
  return [
    call("setresgid", gid, egid, number("sgid", gid)),
    call("setfsgid", number("fsgid", egid)),
    call("prctl", PR.PR_SET_KEEPCAPS, 1, 0, 0, 0),
    call("setresuid", uid, euid, suid),
    call("setfsuid", number("fsuid", euid)),
    ...(permitted === undefined ? [] : [capset(permitted)]),
    call("prctl", PR.PR_SET_KEEPCAPS, 0, 0, 0, 0),
    call("prctl", PR.PR_SET_DUMPABLE, 1, 0, 0, 0),
  ];
}

function fieldsOf(step: Step): ReadonlyMap<string, Value> {
  const argument = step.args[0]?.value;
  if (argument === undefined) return new Map();
  if (argument.kind !== "struct") {
    throw new ScenarioMisuse(step.line, "spawn takes a structure such as {uid=1000}");
  }
  return new Map(argument.fields.map(({ name, value }) => [name, value]));
}

function setOf(step: Step, value: Value): bigint {
  const names = capabilityNames(step.line, value);
  if (names === "all") return ALL;
  if (names === "none") return 0n;
  return names.reduce((set, name) => set | (1n << BigInt(CAP[name])), 0n);
}

/** Effective and permitted alike, nothing inheritable. */
function capset(set: bigint): SpawnCall {
  const data = new Uint8Array(8 + 24);
  const view = new DataView(data.buffer);
  view.setUint32(0, VERSION_3, true);
  for (const half of [0, 1]) {
    const bits = Number((set >> BigInt(32 * half)) & 0xffff_ffffn);
    view.setUint32(8 + 12 * half, bits, true);
    view.setUint32(8 + 12 * half + 4, bits, true);
  }
  return { name: "capset", args: [], data };
}
