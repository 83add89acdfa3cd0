import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";
import { log, verdicts } from "./testing/judgeText.ts";

const MAP =
  "1 mmap(0x7f0000000000, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f0000000000";
const said = (...lines: readonly string[]): string =>
  verdicts(log(MAP, ...lines), { kernel: "6.18.44" })
    .at(-1)!
    .replace(/^\d+ /, "");
const bind = (result: string, mask = "0x00000000000001", at = "0x7f0000000000"): string =>
  `1 mbind(${at}, 16384, MPOL_BIND, [${mask}], 64, 0) = ${result}`;
const INVALID = "-1 EINVAL (Invalid argument)";
const SECOND = "0x00000000000002";

// 6.18.44, of one node.
describe("memory policies", () => {
  test("are judged", () => {
    expect(said(bind("0"))).toBe("mbind exact");
    expect(said(bind(INVALID, undefined, "0x7f0000000001"))).toBe("mbind exact");
    expect(said(bind("0", undefined, "0x7f0000000001"))).toBe("mbind deviation");
    expect(said("1 set_mempolicy(MPOL_DEFAULT, NULL, 0) = 0")).toBe("set_mempolicy exact");
    const get = (mode: string): string =>
      `1 get_mempolicy([${mode}], [0x00000000000001], 64, 0x7f0000000000, MPOL_F_ADDR) = 0`;
    expect(said(bind("0"), get("MPOL_BIND"))).toBe("get_mempolicy exact");
    expect(said(bind("0"), get("MPOL_INTERLEAVE"))).toBe("get_mempolicy deviation");
  });

  test("of a machine that shows several nodes are open where one node would answer otherwise", () => {
    expect(said(bind(INVALID, SECOND))).toBe("mbind exact");
    expect(said(bind("0", SECOND))).toBe("mbind undetermined");
    expect(said(bind("0", SECOND), bind(INVALID))).toBe("mbind undetermined");
    expect(said(bind(INVALID, SECOND), bind(INVALID))).toBe("mbind deviation");
    expect(said(bind("-1 EIO (Input/output error)"))).toBe("mbind undetermined");
    const node = (number: number): string =>
      `1 get_mempolicy([${number}], NULL, 0, 0x7f0000000000, MPOL_F_NODE|MPOL_F_ADDR) = 0`;
    expect(said(bind("0"), node(1))).toBe("get_mempolicy undetermined");
  });

  test("are open where one node is not assumed", () => {
    const checker = new Checker({ kernel: "6.18.44", all: true, assumptionsOff: ["one-node"] });
    const reader = checker.log("log");
    reader.push(log(MAP, bind(INVALID)));
    reader.end();
    const { deviations, undeterminedNeeds } = checker.finish();
    expect([deviations, undeterminedNeeds]).toEqual([0, { "assumption/one-node": 1 }]);
  });
});

// 6.18.44.
describe("signals with a siginfo", () => {
  const queue = (pid: number, result: string, signal = "SIGUSR1", code = "SI_QUEUE"): string =>
    `1 rt_sigqueueinfo(${pid}, ${signal}, {si_signo=${signal}, si_code=${code}, si_pid=1, si_uid=0}) = ${result}`;
  const ESRCH = "-1 ESRCH (No such process)";
  const EPERM = "-1 EPERM (Operation not permitted)";

  test("of which strace shows nothing, for they name no signal, are open", () => {
    expect(said("1 rt_sigqueueinfo(77, SIGUSR1, {}) = 0")).toBe("rt_sigqueueinfo undetermined");
    const waited = "1 waitid(P_ALL, 0, {}, WNOHANG|WEXITED, NULL) = 0";
    expect(said("1 fork() = 2", waited)).toBe("waitid exact");
  });

  test("are judged", () => {
    expect(said(queue(1, "0"))).toBe("rt_sigqueueinfo exact");
    expect(said(queue(1, INVALID, "99"))).toBe("rt_sigqueueinfo exact");
    expect(said(queue(1, "0", "99"))).toBe("rt_sigqueueinfo deviation");
    expect(said(queue(77, EPERM, "SIGUSR1", "SI_USER"))).toBe("rt_sigqueueinfo exact");
    expect(said(queue(-1, ESRCH))).toBe("rt_sigqueueinfo exact");
  });

  test.each(["0", ESRCH, EPERM])("to whom no line shows may be answered by %s", (result) => {
    expect(said(queue(777, result))).toBe("rt_sigqueueinfo undetermined");
    const thread = `1 rt_tgsigqueueinfo(777, 778, SIGUSR1, {si_signo=SIGUSR1, si_code=SI_QUEUE, si_pid=1, si_uid=0}) = ${result}`;
    expect(said(thread)).toBe("rt_tgsigqueueinfo undetermined");
  });

  test("reach who inherited the sender's ids, whatever they are, while it has changed none", () => {
    expect(said("1 fork() = 2", queue(2, "0"))).toBe("rt_sigqueueinfo exact");
    expect(said("1 fork() = 2", queue(2, EPERM))).toBe("rt_sigqueueinfo deviation");
    const other = "2 setresuid(1000, 1000, 1000) = 0";
    expect(said("1 fork() = 2", other, queue(2, "0"))).toBe("rt_sigqueueinfo undetermined");
  });

  test("may be more than can be queued", () => {
    const full = "-1 EAGAIN (Resource temporarily unavailable)";
    expect(said(queue(1, full))).toBe("rt_sigqueueinfo undetermined");
  });
});
