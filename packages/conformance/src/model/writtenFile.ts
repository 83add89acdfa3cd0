import {
  AccessControl,
  writeIdMap,
  writeSetgroups,
  type SecuritySettings,
  type YamaState,
} from "@kadvise/security";
import type { Task } from "@kadvise/syscalls";
import { ERRNO, type Result } from "@kadvise/uapi";
import type { OperationResult } from "../program/result.ts";

/**
 * What comes of it when root writes to a file that the model knows; undefined for any other file.
 *
 * Linux: kernel/user_namespace.c proc_uid_map_write; fs.suid_dumpable; kernel.yama.ptrace_scope
 */
export function writtenFile(
  writer: Task,
  of: Task | undefined,
  path: string,
  text: string,
): OperationResult | undefined {
  const { access } = writer.machine;
  const done: OperationResult = { state: "done", value: BigInt(text.length) };
  switch (path) {
    case "/proc/%/uid_map":
      return of && answer(done, writeMap(writer, of, "uid", text));
    case "/proc/%/gid_map":
      return of && answer(done, writeMap(writer, of, "gid", text));
    case "/proc/%/setgroups": {
      if (of === undefined) return undefined;
      const value = text.trim() === "allow" ? "allow" : "deny";
      const { userNamespace } = of.subject.credentials;
      return answer(done, writeSetgroups(access, writer.subject, userNamespace, value));
    }
    case "/proc/sys/fs/suid_dumpable":
      if (!(access instanceof AccessControl)) return undefined;
      access.settings = {
        ...access.settings,
        suidDumpable: Number(text) as SecuritySettings["suidDumpable"],
      };
      return done;
    case "/proc/sys/kernel/yama/ptrace_scope":
      return setScope(access, Number(text)) ? done : undefined;
  }
  return undefined;
}

function writeMap(writer: Task, of: Task, kind: "uid" | "gid", text: string): Result<unknown> {
  const ranges = text
    .trim()
    .split("\n")
    .map((line) => {
      const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
      return { inside, outside, count };
    });
  const { userNamespace } = of.subject.credentials;
  return writeIdMap(writer.machine.access, writer.subject, userNamespace, kind, ranges);
}

function answer(done: OperationResult, result: Result<unknown>): OperationResult {
  return result.ok ? done : { state: "done", value: BigInt(-ERRNO[result.code]), refusal: result };
}

/** Linux: security/yama/yama_lsm.c yama_dointvec_minmax */
function setScope(access: Task["machine"]["access"], scope: number): boolean {
  if (!(access instanceof AccessControl)) return false;
  const state = access.policies.find(({ name }) => name === "yama")?.state?.();
  if (state === undefined) return false;
  access.ports.journal.save(state, "scope");
  (state as YamaState).scope = scope as YamaState["scope"];
  return true;
}
