import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (...lines: readonly string[]): string =>
  verdicts(log(...lines))
    .at(-1)!
    .replace(/^\d+ /, "");

const BECOMES = [
  "1 setresgid(1000, 1000, 1000) = 0",
  "1 setresuid(1000, 1000, 1000) = 0",
  "1 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=0}) = 0",
  "1 prctl(PR_SET_DUMPABLE, SUID_DUMP_USER) = 0",
];
const EXEC = '1 execve("./other", ["./other"], []) = 0';
const caps = (set: string): string =>
  `1 capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=${set}, permitted=${set}, inheritable=0}) = 0`;

describe("a program that is executed later may be set-id, or have capabilities", () => {
  // Seen on 6.18: user 1000 executed programs that were 4755 root, 2755 shadow, cap_sys_nice+ep, 0711.
  test.each([
    ["1 getresuid([1000], [0], [0]) = 0"],
    ["1 geteuid() = 0"],
    ["1 getresgid([1000], [42], [42]) = 0"],
    [caps("1<<CAP_SYS_NICE")],
    ["1 prctl(PR_GET_DUMPABLE) = 0 (SUID_DUMP_DISABLE)"],
  ])("%s is what the first report may say", (report) => {
    const name = report.replace(/^1 |\(.*/g, "");
    expect(last(...BECOMES, EXEC, report)).toBe(`${name} constrained`);
    expect(last(...BECOMES, report)).toBe(`${name} deviation`);
  });

  // Seen on 6.1: capabilities/test_execve has ambient ones, and executes set-gid programs.
  test("each ambient capability is gone or is not", () => {
    const ambient = (cap: string, result: number): string =>
      `1 prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, ${cap}, 0, 0) = ${result}`;
    const raise = [
      "1 capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_KILL, permitted=1<<CAP_KILL, inheritable=1<<CAP_KILL}) = 0",
      "1 prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) = 0",
    ];
    const report = [EXEC, ambient("CAP_CHOWN", 0), ambient("CAP_KILL", 0)];
    expect(last(...raise, ...report)).toBe("prctl constrained");
    expect(last(...raise, ...report, ambient("CAP_KILL", 1))).toBe("prctl deviation");
    expect(last(...raise, ...report.slice(1))).toBe("prctl deviation");
  });

  test("a capget that shows none is no report", () => {
    const probe = "1 capget({version=0 /* _LINUX_CAPABILITY_VERSION_??? */, pid=0}, NULL) = 0";
    const said = [...BECOMES, EXEC, probe, caps("1<<CAP_SYS_NICE")];
    expect(last(...said)).toBe("capget constrained");
  });

  test("what a report said holds from then on", () => {
    const root = "1 getresuid([1000], [0], [0]) = 0";
    expect(last(...BECOMES, EXEC, root, root)).toBe("getresuid exact");
    expect(last(...BECOMES, EXEC, root, "1 geteuid() = 1000")).toBe("geteuid deviation");
    expect(last(...BECOMES, EXEC, "1 geteuid() = 1000", "1 geteuid() = 0")).toBe(
      "geteuid deviation",
    );
  });

  test("the real ids stay, and the effective and saved ones are one", () => {
    for (const ids of ["[0], [0], [0]", "[1000], [0], [1000]"])
      expect(last(...BECOMES, EXEC, `1 getresuid(${ids}) = 0`)).toBe("getresuid deviation");
    expect(last(...BECOMES, EXEC, "1 getuid() = 1000")).toBe("getuid exact");
  });

  test("no_new_privs leaves nothing of it", () => {
    const strict = "1 prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0";
    expect(last(...BECOMES, strict, EXEC, "1 geteuid() = 0")).toBe("geteuid deviation");
  });

  test("a child is who its parent turns out to be", () => {
    const fork = "1 clone(child_stack=NULL, flags=SIGCHLD) = 2";
    expect(last(...BECOMES, EXEC, fork, "2 geteuid() = 0")).toBe("geteuid constrained");
    expect(last(...BECOMES, fork, "2 geteuid() = 0")).toBe("geteuid deviation");
  });
});

describe("a parent that waits for the very process that calls", () => {
  const lines = [
    ...["1 clone(child_stack=NULL, flags=SIGCHLD) = 2", "1 wait4(2,  <unfinished ...>"],
    ...['2 execve("./other", ["./other"], []) = 0', "2 getuid() = 5", "2 getuid() = 5"],
  ];
  const returns = "1 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2";

  test("has not found it before it ended: nothing of the order is open", () => {
    const call = "2 prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0";
    const found = verdicts(log(...lines, call, "2 +++ exited with 0 +++", returns));
    expect(found.find((line) => line.includes("prctl"))).toMatch(/exact/);
    expect(found.at(-1)).toMatch(/wait4 (exact|constrained)/);
  });

  test("so it does by waitid", () => {
    const waits = [lines[0], "1 waitid(P_PID, 2,  <unfinished ...>", ...lines.slice(2)];
    const info = "{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=2, si_uid=5, si_status=0}";
    const resumed = `1 <... waitid resumed>${info}, WEXITED, NULL) = 0`;
    const call = "2 prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0";
    const found = verdicts(log(...waits, call, "2 +++ exited with 0 +++", resumed));
    expect(found.find((line) => line.includes("prctl"))).toMatch(/exact/);
  });
});
