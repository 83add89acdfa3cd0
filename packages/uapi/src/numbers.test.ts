import { describe, expect, test } from "vitest";
import { MADV, MADV_BY_ARCHITECTURE, adviceName } from "./advice.ts";
import { CAP, CAP_LAST_CAP, CAPABILITY_VERSION, capabilityName } from "./capability.ts";
import {
  AT,
  F,
  F_SEAL,
  FD_CLOEXEC,
  MFD,
  O,
  PIDFD,
  PIDFD_SELF,
  UFFD_USER_MODE_ONLY,
} from "./file.ts";
import { UIO_FASTIOV, UIO_MAXIOV } from "./iovec.ts";
import * as memory from "./memory.ts";
import * as process from "./process.ts";
import { SIG } from "./signal.ts";
import { HEADERS } from "./testing/headers.ts";

type Table = Readonly<Record<string, number>>;

const TABLES: readonly (readonly [name: string, table: Table])[] = [
  ["MADV", MADV],
  ["CAP", { ...CAP, CAP_LAST_CAP }],
  ["CAPABILITY_VERSION", CAPABILITY_VERSION],
  ["AT", AT],
  ["O", O],
  ["F", F],
  ["F_SEAL", F_SEAL],
  ["MFD", MFD],
  ["PIDFD", PIDFD],
  ["PIDFD_SELF", PIDFD_SELF],
  ["PROT", memory.PROT],
  ["MAP", memory.MAP],
  ["MREMAP", memory.MREMAP],
  ["MLOCK2", memory.MLOCK2],
  ["MCL", memory.MCL],
  ["PKEY", memory.PKEY],
  ["SHADOW_STACK", memory.SHADOW_STACK],
  ["MPOL_MODE_FLAG", memory.MPOL_MODE_FLAG],
  ["MPOL_F", memory.MPOL_F],
  ["MPOL_MF", memory.MPOL_MF],
  ["MS", memory.MS],
  ["CLONE", process.CLONE],
  ["WAIT", process.WAIT],
  ["P", process.P],
  ["PR", process.PR],
  ["SECUREBITS", process.SECUREBITS],
  ["RLIMIT", process.RLIMIT],
  ["SIG", SIG],
];

/** Names that are younger than the recorded headers, and the release that brought them. */
const NEWER: { readonly [name: string]: string } = {
  MADV_GUARD_INSTALL: "6.13",
  MADV_GUARD_REMOVE: "6.13",
  MAP_DROPPABLE: "6.11",
  AT_EXECVE_CHECK: "6.14",
  F_SEAL_EXEC: "6.3",
  MFD_NOEXEC_SEAL: "6.3",
  MFD_EXEC: "6.3",
  PIDFD_THREAD: "6.9",
  PIDFD_SELF_THREAD: "6.15",
  PIDFD_SELF_THREAD_GROUP: "6.17",
  PIDFD_SELF_THREAD_GROUP_6_15: "6.15",
  PR_SET_MDWE: "6.3",
  PR_GET_MDWE: "6.3",
  PR_SET_MEMORY_MERGE: "6.4",
  PR_GET_MEMORY_MERGE: "6.4",
  MAP_ABOVE4G: "6.6",
  SHADOW_STACK_SET_TOKEN: "6.6",
  SHADOW_STACK_SET_MARKER: "6.13",
};

describe(`the headers of ${HEADERS.headers} give`, () => {
  test.each(
    TABLES.flatMap(([, table]) => Object.entries(table)).filter(([name]) => !(name in NEWER)),
  )("%s its number, %i", (name, number) => {
    expect(HEADERS.numbers[name] >>> 0).toBe(number >>> 0);
  });

  test.each([
    ["UIO_MAXIOV", UIO_MAXIOV],
    ["UIO_FASTIOV", UIO_FASTIOV],
    ["FD_CLOEXEC", FD_CLOEXEC],
    ["UFFD_USER_MODE_ONLY", UFFD_USER_MODE_ONLY],
    ["MAP_TYPE", memory.MAP_TYPE],
    ["MAP_HUGE_SHIFT", memory.MAP_HUGE_SHIFT],
    ["MAP_HUGE_MASK", memory.MAP_HUGE_MASK],
  ])("%s its number, %i", (name, number) => {
    expect(HEADERS.numbers[name]).toBe(number);
  });

  test("nothing for what came later", () => {
    const names = TABLES.flatMap(([, table]) => Object.keys(table));
    expect(names.filter((name) => !(name in HEADERS.numbers)).toSorted()).toEqual(
      Object.keys(NEWER).toSorted(),
    );
  });

  // Where a rule goes through every name of a family, a missing one would be a wrong refusal.
  test.each([
    ["MADV_", /./],
    ["CAP_", /./],
    ["RLIMIT_", /./],
    ["SECBIT_", /./],
    ["MREMAP_", /./],
    ["MCL_", /./],
    ["MS_", /./],
    ["PROT_", /./],
    ["F_SEAL_", /./],
    ["SIG", /^SIG(?!RT|STKSZ|UNUSED|IOT|POLL|_)/],
  ])("no name beginning with %s that the tables lack", (prefix, relevant) => {
    const known = new Set(TABLES.flatMap(([, table]) => Object.keys(table)).concat("CAP_LAST_CAP"));
    const names = Object.keys(HEADERS.numbers).filter((name) => name.startsWith(prefix));
    expect(names.filter((name) => relevant.test(name) && !known.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(2);
  });
});

describe("a number leads back to its name", () => {
  test.each(Object.entries(MADV))("%s", (name, number) => {
    expect(adviceName(number)).toBe(name);
  });

  test.each(Object.entries(CAP))("%s", (name, number) => {
    expect(capabilityName(number)).toBe(name);
  });

  // Never valid on any release: 5 to 7, 26 to 99, 104 and above, and every negative number.
  test.each([5, 6, 7, 26, 99, 104, 9999, -1, 2 ** 31])("no advice has the number %i", (number) => {
    expect(adviceName(number)).toBeUndefined();
  });

  test.each([-1, 41, 63])("no capability has the number %i", (number) => {
    expect(capabilityName(number)).toBeUndefined();
  });
});

test("two architectures number some advice otherwise, and never as another advice", () => {
  for (const numbers of Object.values(MADV_BY_ARCHITECTURE)) {
    for (const [name, number] of Object.entries(numbers)) {
      expect(number).not.toBe(MADV[name as keyof typeof MADV]);
      expect(adviceName(number)).toBeUndefined();
    }
  }
});

test("compound access modes are the sums of their parts", () => {
  const mode = process.PTRACE_MODE;
  for (const [name, number] of Object.entries(mode)) {
    const [, kind, credentials] = /^PTRACE_MODE_(READ|ATTACH)_(\w+CREDS)$/.exec(name) ?? [];
    if (kind === undefined) continue;
    const parts = [`PTRACE_MODE_${kind}`, `PTRACE_MODE_${credentials}`] as (keyof typeof mode)[];
    expect(number).toBe(mode[parts[0]] | mode[parts[1]]);
  }
});
