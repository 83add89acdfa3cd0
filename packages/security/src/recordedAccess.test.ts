import type { Result } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { ptraceAttach } from "./calls/ptraceAttach.ts";
import { exitSubject } from "./lifecycle.ts";
import type { YamaScope } from "./policies/yama.ts";
import type { PtraceMode } from "./policy.ts";
import type { Subject } from "./subject.ts";
import { Machine } from "./testing/machine.ts";
import { featuresOf, readRecording } from "./testing/recorded.ts";

interface Pair {
  readonly machine: Machine;
  readonly caller: Subject;
  readonly target: Subject;
}

/**
 * `kind scope=N suid_dumpable=N | the caller's calls | the target's`, played in the recorder's
 * order.
 */
function play(program: string, kernel: string): Pair {
  const [head = "", callerCalls = "", targetCalls = ""] = program
    .split("|")
    .map((part) => part.trim());
  const [kind, scope, suidDumpable] =
    /^(\w+) scope=(\d) suid_dumpable=(\d)$/.exec(head)?.slice(1) ?? [];
  const machine = new Machine({
    features: featuresOf(kernel),
    scope: Number(scope) as YamaScope,
    settings: { suidDumpable: Number(suidDumpable) as 0 | 1 | 2 },
  });
  const caller = machine.spawn();
  if (kind === "child") machine.run(caller, callerCalls);
  const target =
    kind === "kthread"
      ? machine.kernelThread
      : machine.spawn(kind === "child" ? caller : undefined);
  if (kind !== "kthread") machine.run(target, targetCalls);
  if (kind === "zsib") exitSubject(machine.access, target);
  if (kind !== "child") machine.run(caller, callerCalls);
  return { machine, caller, target };
}

/** What each recorded call would say, as far as the access check decides it. */
function verdicts({ machine, caller, target }: Pair): Map<string, string> {
  const { access } = machine;
  const ask = (mode: PtraceMode): Result<undefined> =>
    access.ptraceAccess({ caller, target, mode });
  const attach = ask("PTRACE_MODE_ATTACH_REALCREDS");
  const read = ask("PTRACE_MODE_READ_REALCREDS");
  const readFs = ask("PTRACE_MODE_READ_FSCREDS");
  const has = (name: "CAP_PERFMON" | "CAP_SYS_ADMIN" | "CAP_SYS_NICE"): boolean =>
    access.capable(caller, name).ok;
  const mayRead =
    readFs.ok || (access.features.perfmonReads && (has("CAP_PERFMON") || has("CAP_SYS_ADMIN")));
  const found = new Map([
    ["getfd", attach.ok ? "passed" : attach.code],
    ["kcmp", read.ok ? "passed" : read.code],
    ["robust", read.ok ? "passed" : read.code],
  ]);
  if (target.hasMemory) {
    found.set("vmread", attach.ok ? "passed" : "EPERM");
    found.set("pm", mayRead ? (has("CAP_SYS_NICE") ? "passed" : "EPERM") : "EACCES");
    found.set("exe", readFs.ok ? "passed" : "EACCES");
  }
  const seize = ptraceAttach(access, caller, target);
  found.set("seize", seize.ok ? "passed" : seize.code);
  return found;
}

/**
 * A recorded result as a verdict: what comes after the check (no memory, no files) is none of its
 * business.
 */
function verdictOf(result: string): string {
  return ["ok", "EBADF", "ESRCH"].includes(result) ? "passed" : result;
}

const pairs = readRecording("access.txt");

describe("the access check says on the model what it said on real kernels", () => {
  test("the recording is there", () => {
    expect(pairs.length).toBeGreaterThan(600);
  });

  test.each(pairs)("line $line: $program", ({ program, outcomes }) => {
    for (const { kernels, outcome } of outcomes) {
      for (const kernel of kernels) {
        const found = verdicts(play(program, kernel));
        const recorded = new Map(
          outcome.split(" ").map((cell) => cell.split("=") as [string, string]),
        );
        for (const [call, verdict] of found) {
          const expected = verdictOf(recorded.get(call) ?? "not recorded");
          expect(`${kernel} ${call}=${verdict}`).toBe(`${kernel} ${call}=${expected}`);
        }
      }
    }
  });
});
