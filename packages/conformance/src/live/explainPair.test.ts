import { MADV } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { explainPair, type Prediction } from "./explainPair.ts";
import { liveProfile, readMachine } from "./machineFacts.ts";
import { readProcess, type ProcessFacts } from "./processFacts.ts";
import { fakeFiles, statusText } from "./testing/fakeFiles.ts";

const CALLER = 7;
const TARGET = 8;
const HEAP = 0x5000_0000;
const INITIAL = { namespace: "4026531837", owner: 0 };

const SMAPS = [
  `${HEAP.toString(16)}-${(HEAP + 0x4000).toString(16)} rw-p 00000000 00:00 0 `,
  "Anonymous:            16 kB",
  "VmFlags: rd wr mr mw me ac",
  `${(HEAP + 0x4000).toString(16)}-${(HEAP + 0x6000).toString(16)} rw-p 00000000 00:00 0 `,
  "VmFlags: rd wr mr mw me ac lo",
  "",
].join("\n");

interface Setting {
  readonly caller?: { readonly [name: string]: string };
  readonly target?: { readonly [name: string]: string };
  readonly without?: readonly string[];
  readonly couldRead?: boolean;
  readonly advice?: number;
  readonly length?: number;
  readonly kernel?: string;
  readonly owner?: string;
}

function facts(
  pid: number,
  changes: { readonly [name: string]: string },
  setting: Setting,
): ProcessFacts {
  const { without = [], owner = "1000 1000 292" } = setting;
  const texts: { [path: string]: string } = {
    [`/proc/${pid}/status`]: statusText({ Tgid: String(pid), ...changes }),
    [`/proc/${pid}/uid_map`]: "0 0 4294967295",
    [`/proc/${pid}/ns/user`]: `user:[${INITIAL.namespace}]`,
    [`/proc/${pid}/smaps`]: SMAPS,
    [`/proc/${pid}/maps`]: SMAPS,
  };
  for (const file of without) Reflect.deleteProperty(texts, `/proc/${pid}/${file}`);
  return readProcess(fakeFiles(texts, { [`/proc/${pid}/status`]: owner }), pid)!;
}

function predict(setting: Setting = {}): Prediction {
  const { caller = {}, target = {}, couldRead, advice = MADV.MADV_COLD, length = 0x4000 } = setting;
  const chain = [{ inode: INITIAL.namespace, owner: 0 }];
  return explainPair({
    pair: {
      caller: facts(CALLER, caller, { ...setting, without: [], owner: "1000 1000 292" }),
      target: facts(TARGET, target, setting),
      callerNamespaces: chain,
      targetNamespaces: chain,
    },
    profile: liveProfile(readMachine(fakeFiles({})), { kernel: setting.kernel ?? "6.18.44" }),
    couldRead,
    call: { advice, ranges: [{ base: HEAP, length }] },
  });
}

const NICE = { CapEff: "800000", CapPrm: "800000" };
const ROOT = { Uid: "0\t0\t0\t0", Gid: "0\t0\t0\t0" };

/** The errno of a prediction, and the rule behind it. */
function rule({ ways, value }: Prediction): readonly [number | undefined, string | undefined] {
  return [value, ways[0]?.refusal?.id];
}

describe("what is known decides", () => {
  // Each was asked on 6.18.44, by the parties of why.live.test.ts.
  test.each<[string, Setting, number, string | undefined]>([
    ["a peer with CAP_SYS_NICE", { caller: NICE }, 0x4000, undefined],
    ["a peer without", {}, -1, "process_madvise/remote-needs-cap-sys-nice"],
    ["another user", { caller: { ...NICE, Uid: "5\t5\t5\t5" } }, -13, "mm_access/denied"],
    ["a target that is not dumpable", { caller: NICE, owner: "0 0 292" }, -13, "mm_access/denied"],
    ["a locked area behind", { caller: NICE, length: 0x6000 }, -22, "madvise/locked"],
    [
      "a hole behind",
      { caller: NICE, advice: MADV.MADV_WILLNEED, length: 0x7000 },
      -12,
      "madvise/hole",
    ],
    [
      "advice that is not for others",
      { caller: NICE, advice: MADV.MADV_FREE },
      -22,
      "process_madvise/advice-not-allowed-remote",
    ],
  ])("%s", (_, setting, value, id) => {
    expect(rule(predict(setting))).toEqual([value, id]);
    expect(predict(setting).lacks).toEqual([]);
  });

  test("a kernel thread and a zombie have no memory", () => {
    const gone = { Kthread: "1", VmSize: "" };
    const text = statusText({ Tgid: String(TARGET), ...gone }).replace(/VmSize.*\n/, "");
    expect(text).not.toContain("VmSize");
    const files = fakeFiles({ [`/proc/${TARGET}/status`]: text });
    const target = readProcess(files, TARGET)!;
    const chain = [{ inode: INITIAL.namespace, owner: 0 }];
    const prediction = explainPair({
      pair: {
        ...{ caller: facts(CALLER, NICE, {}), target },
        ...{ callerNamespaces: chain, targetNamespaces: chain },
      },
      profile: liveProfile(readMachine(fakeFiles({})), { kernel: "6.18.44" }),
      couldRead: undefined,
      call: { advice: MADV.MADV_COLD, ranges: [] },
    });
    expect(rule(prediction)).toEqual([-3, "mm_access/no-memory"]);
  });

  test("the release decides as well: 5.10.23 asks to attach and no CAP_SYS_NICE", () => {
    expect(predict({ kernel: "5.10.23" }).value).toBe(0x4000);
    expect(rule(predict({ kernel: "5.10.24" }))[1]).toBe("process_madvise/needs-cap-sys-nice");
  });
});

describe("what is not known leaves the answer open, and is named", () => {
  test("a seccomp filter of the caller", () => {
    const { result, lacks, ways } = predict({ caller: { ...NICE, Seccomp: "2" } });
    expect(result).toBeUndefined();
    expect(lacks).toContain("what the seccomp filter of process 7 answers to process_madvise");
    expect(ways[0]?.result).toBe(String(0x4000));
  });

  test("whether root's process is dumpable, where it decides", () => {
    const setting = { caller: { ...ROOT, ...NICE }, target: ROOT, owner: "0 0 292" };
    const { result, lacks, ways } = predict(setting);
    expect(result).toBeUndefined();
    expect(lacks).toContain("the dumpable state of the process: 0, 1 or 2");
    expect(new Set(ways.map((way) => way.refusal?.code))).toEqual(new Set([undefined, "EACCES"]));
  });

  test("and not where it does not: the caller has CAP_SYS_PTRACE", () => {
    const caller = { ...ROOT, CapEff: "880000", CapPrm: "880000" };
    expect(predict({ caller, target: ROOT, owner: "0 0 292" }).value).toBe(0x4000);
  });

  test("maps that could not be read, where a range decides", () => {
    const { result, lacks } = predict({ caller: NICE, without: ["smaps", "maps"] });
    expect(result).toBeUndefined();
    expect(lacks).toContain("/proc/8/maps (ENOENT)");
  });

  test("and not where the call is refused before: nothing of it is named", () => {
    expect(rule(predict({ caller: { Uid: "5\t5\t5\t5" }, without: ["smaps", "maps"] }))).toEqual([
      ...[-13, "mm_access/denied"],
    ]);
  });
});

describe("what the caller could read speaks", () => {
  test("reading failed though ids and capabilities allow it: a security module refused", () => {
    const { value, ways } = predict({ caller: NICE, without: ["smaps", "maps"], couldRead: false });
    expect(value).toBe(-13);
    const refused = ways[0]?.checks.filter(({ outcome }) => outcome === "refused");
    expect(refused?.map(({ id }) => id)).toContain("security-module/refused");
  });

  test("reading root's process went well: it is dumpable", () => {
    const setting = { caller: { ...ROOT, ...NICE }, target: ROOT, owner: "0 0 292" };
    expect(predict({ ...setting, couldRead: true }).value).toBe(0x4000);
    expect(predict({ ...setting, couldRead: false }).value).toBe(-13);
  });

  test("against everything that is known nothing is claimed", () => {
    const { result, lacks } = predict({ caller: { ...NICE, Uid: "5\t5\t5\t5" }, couldRead: true });
    expect(result).toBeUndefined();
    expect(lacks.join()).toContain("what let the caller read the target's maps");
  });
});
