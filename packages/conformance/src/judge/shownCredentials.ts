import { integerOf, type Value } from "@kadvise/strace";
import { constant } from "../notation/constants.ts";
import type { Observed } from "./observed.ts";

/** Where the calls that report ids write each of them. Linux: kernel/sys.c getresuid, getresgid */
const ID_OUTPUTS: { readonly [question: string]: string } = {
  "credentials/uid": "ruid",
  "credentials/euid": "euid",
  "credentials/suid": "suid",
  "credentials/gid": "rgid",
  "credentials/egid": "egid",
  "credentials/sgid": "sgid",
};

const SET_QUESTION = /^credentials\/(effective|permitted|inheritable)$/;

/**
 * The answer to a question about credentials that the very call under judgement writes to memory:
 * getresuid, getresgid, getgroups and capget say what nobody stated before. Undefined where the log
 * does not show it.
 */
export function shownCredential(question: string, observed: Observed): unknown {
  const output = ID_OUTPUTS[question];
  if (output !== undefined) return onlyNumber(shownOf(observed, output));
  if (question === "credentials/groups") return shownGroups(observed);
  const set = SET_QUESTION.exec(question)?.[1];
  return set === undefined ? undefined : shownSet(shownOf(observed, "datap"), set);
}

function shownOf(observed: Observed, parameter: string): Value | undefined {
  const i = observed.outputs.indexOf(parameter);
  const value = i < 0 ? undefined : observed.shown[i];
  return value?.kind === "change" ? value.after : value;
}

function onlyNumber(value: Value | undefined): number | undefined {
  if (value?.kind !== "array" || value.items.length !== 1) return undefined;
  return numberOf(value.items[0]);
}

/** The list, if all of it is shown; a process without groups needs no list. */
function shownGroups(observed: Observed): readonly number[] | undefined {
  if (observed.value === undefined) return undefined;
  if (Number(observed.value) === 0) return [];
  const list = shownOf(observed, "list");
  if (list?.kind !== "array" || list.items.length !== Number(observed.value)) return undefined;
  const groups = list.items.map(numberOf);
  return groups.every((group) => group !== undefined) ? groups : undefined;
}

function shownSet(
  value: Value | undefined,
  name: string,
): { readonly lo: number; readonly hi: number } | undefined {
  if (value?.kind !== "struct") return undefined;
  const field = value.fields.find((candidate) => candidate.name === name);
  const number = field === undefined ? undefined : integerOf(field.value, constant);
  if (number === undefined) return undefined;
  const bits = BigInt(number);
  return Object.freeze({
    lo: Number(bits & 0xffff_ffffn),
    hi: Number((bits >> 32n) & 0xffff_ffffn),
  });
}

function numberOf(value: Value): number | undefined {
  const number = integerOf(value, constant);
  return number === undefined ? undefined : Number(number) >>> 0;
}
