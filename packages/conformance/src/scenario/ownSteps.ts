import { AT } from "@kadvise/uapi";
import type { ProgramBuilder } from "../program/programBuilder.ts";
import { fileOf } from "../program/shownField.ts";
import type { CompileOptions } from "./compileScenario.ts";
import type { Step } from "./parse.ts";
import { operandOf } from "./placeholder.ts";
import { ScenarioMisuse } from "./run.ts";
import { spawnCalls } from "./spawnCalls.ts";
import { gateOf, shownFieldOf, writtenFile } from "./stepArguments.ts";

/** Of which step it is asked, and what is known there. */
export interface StepPlace extends Pick<CompileOptions, "image" | "places"> {
  readonly actor: number;
  /** The number that an argument of the step is. */
  integer(i: number): number | bigint;
}

const PAGE_BYTES = 4096;
/** So long KSM is on: several turns of ksmd, also where the machine is emulated. */
const KSM_MILLISECONDS = 700;

/**
 * Adds a step that is no plain call: it looks at memory or at a file, makes a process what it is to
 * be, or executes the agent anew. False where the step is a call like any other.
 *
 * @throws ScenarioMisuse for a step that makes no sense
 */
export function addOwnStep(builder: ProgramBuilder, step: Step, place: StepPlace): boolean {
  const { actor, integer } = place;
  switch (step.name) {
    case "spawn":
      spawn(builder, step, actor);
      return true;
    case "touch":
      touch(builder, step, place);
      return true;
    case "load":
      builder.load(actor, operandOf(integer(0)), Number(integer(1)));
      return true;
    case "store":
      builder.store(actor, operandOf(integer(0)), storedBytes(step, place));
      return true;
    case "show": {
      const shows = shownFieldOf(step, place.places);
      builder.add({ kind: "read", actor: "supervisor", of: actor, ...fileOf(shows), shows });
      return true;
    }
    case "write": {
      const [path, text] = writtenFile(step);
      builder.add({ kind: "write", actor: "supervisor", of: actor, path, text });
      return true;
    }
    case "ksm":
      ksm(builder, step, actor);
      return true;
    case "raw": {
      const [number, ...args] = step.args.map((_, i) => operandOf(integer(i)));
      builder.call(actor, Number(number), args, { gate: gateOf(step) });
      return true;
    }
    case "execve":
      builder.add({ kind: "exec", actor, image: place.image });
      return true;
    case "execveat":
      return executesAt(builder, step, place);
    default:
      return false;
  }
}

function spawn(builder: ProgramBuilder, step: Step, actor: number): void {
  for (const one of spawnCalls(step)) {
    const piece = one.data === undefined ? undefined : builder.place(one.data);
    const data = piece === undefined ? [] : [{ data: piece.offset }, { data: piece.offset + 8 }];
    builder.call(actor, one.name, [...one.args, ...data]);
  }
  builder.call(actor, "getpid");
}

function touch(builder: ProgramBuilder, step: Step, { actor, integer }: StepPlace): void {
  const address = integer(0);
  const within = Number(BigInt.asUintN(64, BigInt(address)) % BigInt(PAGE_BYTES));
  const bytes = step.args.length > 1 ? Number(integer(1)) : 1;
  const access = step.args[2]?.text === "read" ? "read" : "write";
  const pages = Math.ceil((within + bytes) / PAGE_BYTES);
  builder.touch(actor, operandOf(address), pages, access);
}

function storedBytes(step: Step, { integer }: StepPlace): Uint8Array {
  const value = step.args[1]?.value;
  if (value?.kind !== "string") return new Uint8Array(Number(integer(1)));
  return Uint8Array.from(Buffer.from(value.text, "latin1"));
}

/** KSM is switched on until it came by several times, or takes back what it merged. */
function ksm(builder: ProgramBuilder, step: Step, actor: number): void {
  const what = step.args[0]?.text ?? "";
  const write = (file: string, text: string): void => {
    const path = `/sys/kernel/mm/ksm/${file}`;
    builder.add({ kind: "write", actor: "supervisor", of: actor, path, text });
  };
  if (what !== "scan" && what !== "unmerge")
    throw new ScenarioMisuse(step.line, "ksm needs a word: scan or unmerge");
  if (what === "scan") {
    write("pages_to_scan", "100000");
    write("run", "1");
    builder.call(actor, "poll", [0, 0, KSM_MILLISECONDS]);
    write("run", "0");
  } else {
    write("run", "2");
    write("run", "0");
  }
}

/** Where a path leads to a program, that is the agent; what cannot succeed is a plain call. */
function executesAt(builder: ProgramBuilder, step: Step, place: StepPlace): boolean {
  const { actor, image, integer } = place;
  const [dirfd, path] = [integer(0), step.args[1]?.value];
  const leads = path?.kind === "string" && path.text !== "";
  const isOwn = leads && (path.text.startsWith("/") || Number(dirfd) === AT.AT_FDCWD);
  if (!isOwn || step.gate === "i386") return false;
  const at = { dirfd: operandOf(dirfd), flags: operandOf(integer(4)) };
  builder.add({ kind: "exec", actor, image, at });
  return true;
}
