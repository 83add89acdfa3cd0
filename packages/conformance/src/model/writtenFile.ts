import {
  AccessControl,
  writeIdMap,
  writeSetgroups,
  type SecuritySettings,
  type YamaState,
} from "@kadvise/security";
import type { Memory } from "@kadvise/mm-core";
import type { Task } from "@kadvise/syscalls";
import { ERRNO, type Result } from "@kadvise/uapi";
import type { OperationResult } from "../program/result.ts";

/**
 * What comes of it when root writes to a file that the model knows; undefined for any other file.
 *
 * Linux: kernel/user_namespace.c proc_uid_map_write; fs.suid_dumpable; vm.overcommit_memory, vm.nr_hugepages;
 * kernel.yama.ptrace_scope
 */
export function writtenFile(
  writer: Task,
  of: Task | undefined,
  path: string,
  text: string,
): OperationResult | undefined {
  const { access } = writer.machine;
  const done: OperationResult = { state: "done", value: BigInt(text.length) };
  if (path.startsWith(KSM)) return writer.mm && ksm(writer.mm.memory, path, text) && done;
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
    case "/proc/sys/vm/overcommit_memory":
      writer.machine.memory.settings.state("overcommit", Number(text) as 0 | 1 | 2);
      return done;
    case "/proc/sys/vm/unprivileged_userfaultfd":
      writer.machine.memory.settings.state("unprivilegedUserfaultfd", Number(text) === 1);
      return done;
    case "/proc/sys/vm/nr_hugepages":
      writer.machine.memory.hugePools[0].resize(Number(text));
      return done;
    case "/proc/sys/vm/nr_overcommit_hugepages":
      writer.machine.memory.hugePools[0].allow(Number(text));
      return done;
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

const KSM = "/sys/kernel/mm/ksm/";
/** Scans in the time for which KSM is switched on: more than it takes to merge all that it can. */
const SCANS = 4;

/** Who switches KSM off has let it come by until then. Linux: mm/ksm.c run_store */
function ksm({ ksm }: Memory, path: string, text: string): true | undefined {
  switch (path.slice(KSM.length)) {
    case "run":
      if (text === "1") ksm.scanAll(SCANS);
      if (text === "2") ksm.unmergeAll();
      return true;
    case "use_zero_pages":
      ksm.useZeroPages = text !== "0";
      return true;
    case "pages_to_scan":
    case "sleep_millisecs":
      return true;
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
