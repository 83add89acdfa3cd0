import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, written } from "./stage.ts";

/** A caller advises a target; both are as `spawn` makes them. */
function between(
  name: string,
  asks: string,
  target: string,
  caller: string,
  more: { readonly before?: string; readonly after?: string } = {},
): readonly [string, string, string] {
  const { before = "", after = "" } = more;
  return [
    name,
    asks,
    `app  spawn(${target})
     ${written("app", 2)}
     ${before}
     manager  spawn(${caller})
     manager  pidfd_open($app, 0) = $fd
     ${advise("manager")}
     ${after}`,
  ];
}

const NICE = "caps=[CAP_SYS_NICE]";
const USER = "{uid=1000}";
const NICE_USER = `{uid=1000, ${NICE}}`;

/** Capability sets of the caller, each against the same user and another. */
const CAPABILITIES: readonly (readonly [name: string, caps: string])[] = [
  ["none", "none"],
  ["nice", "[CAP_SYS_NICE]"],
  ["ptrace", "[CAP_SYS_PTRACE]"],
  ["nice-ptrace", "[CAP_SYS_NICE, CAP_SYS_PTRACE]"],
  ["perfmon", "[CAP_PERFMON]"],
  ["nice-perfmon", "[CAP_SYS_NICE, CAP_PERFMON]"],
  ["admin", "[CAP_SYS_ADMIN]"],
  ["nice-admin", "[CAP_SYS_NICE, CAP_SYS_ADMIN]"],
  ["nice-dac", "[CAP_SYS_NICE, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH]"],
  ["nice-kill", "[CAP_SYS_NICE, CAP_KILL]"],
  [
    "many",
    "[CAP_SYS_NICE, CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETPCAP]",
  ],
];

function said(name: string): string {
  return name === "none" || name === "many"
    ? `${name} of the capabilities`
    : name
        .split("-")
        .map((word) => `CAP_${word.toUpperCase()}`)
        .join(" and ");
}

/** One id of the target that is another than the caller's. */
const IDS: readonly string[] = ["uid", "euid", "suid", "fsuid", "gid", "egid", "sgid", "fsgid"];

function allIds(other: string, value: number): string {
  const fields = IDS.map((name) => `${name}=${name === other ? value : 1000}`);
  return fields.join(", ");
}

const MATRIX: readonly PackCase[] = caseGroup("permission", [
  ...CAPABILITIES.map(([name, caps]) =>
    between(
      `same-user-${name}`,
      `the same user, with ${said(name)}`,
      USER,
      `{uid=1000, caps=${caps}}`,
    ),
  ),
  ...CAPABILITIES.map(([name, caps]) =>
    between(
      `other-user-${name}`,
      `another user, with ${said(name)}`,
      "{uid=2000}",
      `{uid=1000, caps=${caps}}`,
    ),
  ),
  ...CAPABILITIES.map(([name, caps]) =>
    between(
      `root-target-${name}`,
      `a target that is root, with ${said(name)}`,
      "{uid=0}",
      `{uid=1000, caps=${caps}}`,
    ),
  ),
  ...IDS.map((id) =>
    between(
      `target-${id}`,
      `a target whose ${id} alone is another`,
      `{${allIds(id, 2000)}, caps=none}`,
      NICE_USER,
    ),
  ),
  ...IDS.map((id) =>
    between(
      `caller-${id}`,
      `a caller whose ${id} alone is another`,
      USER,
      `{${allIds(id, 2000)}, ${NICE}}`,
    ),
  ),
  between("root-on-user", "root, with all it has", USER, "{uid=0}"),
  between("root-on-root", "root on root", "{uid=0}", "{uid=0}"),
  between("root-without-caps", "root without capabilities, on a user", USER, "{uid=0, caps=none}"),
  between("root-with-nice", "root with CAP_SYS_NICE alone, on a user", USER, `{uid=0, ${NICE}}`),
  between(
    "bare-root-on-bare-root",
    "root without capabilities, on its like",
    "{uid=0, caps=none}",
    "{uid=0, caps=none}",
  ),
  between(
    "bare-root-with-nice-on-its-like",
    "root with CAP_SYS_NICE alone, on its like",
    `{uid=0, ${NICE}}`,
    `{uid=0, ${NICE}}`,
  ),
  between(
    "target-has-more",
    "a target with a capability that the caller lacks",
    "{uid=1000, caps=[CAP_KILL]}",
    NICE_USER,
  ),
  between(
    "target-has-the-same",
    "a target with the caller's capabilities",
    `{uid=1000, ${NICE}}`,
    NICE_USER,
  ),
  between(
    "target-has-less",
    "a caller with more capabilities than its target",
    `{uid=1000, ${NICE}}`,
    "{uid=1000, caps=[CAP_SYS_NICE, CAP_KILL]}",
  ),
]);

const DUMPABLE: readonly PackCase[] = caseGroup("dumpable", [
  ...(["none", "nice", "ptrace", "nice-ptrace", "nice-perfmon"] as const).map((name) =>
    between(
      `0-${name}`,
      `a target that is not dumpable, a caller of the same user with ${said(name)}`,
      USER,
      `{uid=1000, caps=${CAPABILITIES.find(([other]) => other === name)?.[1] ?? "none"}}`,
      { before: "app  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)" },
    ),
  ),
  between("0-root", "a target that is not dumpable, and root", USER, "{uid=0}", {
    before: "app  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)",
  }),
  between("0-then-1", "a target that was not dumpable and is again", USER, NICE_USER, {
    before: "app  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)\napp  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)",
  }),
  between(
    "closed-while-open",
    "a target that closes itself while a pidfd of it is open",
    USER,
    NICE_USER,
    {
      after: `app  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)\n${advise("manager")}`,
    },
  ),
  between("caller-0", "a caller that is not dumpable itself", USER, NICE_USER, {
    after: `manager  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)\n${advise("manager")}`,
  }),
  between("after-setresuid", "a target that gave up root is not dumpable", "{uid=0}", NICE_USER, {
    before:
      "app  setresgid(1000, 1000, 1000)\napp  setresuid(1000, 1000, 1000)\napp  prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)",
  }),
  between(
    "after-setresuid-and-prctl",
    "a target that gave up root and made itself dumpable",
    "{uid=0}",
    NICE_USER,
    {
      before:
        "app  setresgid(1000, 1000, 1000)\napp  setresuid(1000, 1000, 1000)\napp  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)",
    },
  ),
  between(
    "after-setresuid-same",
    "setting the ids that it has leaves a target dumpable",
    USER,
    NICE_USER,
    {
      before: "app  setresuid(1000, 1000, 1000)\napp  prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)",
    },
  ),
  between(
    "after-capset",
    "giving up capabilities leaves a target dumpable",
    "{uid=1000, caps=[CAP_KILL]}",
    NICE_USER,
    {
      before:
        "app  capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=0})\napp  prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)",
    },
  ),
  [
    "own",
    "a process that is not dumpable advises itself",
    `app  spawn(${NICE_USER})
     ${written("app", 2)}
     app  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
     app  pidfd_open($app, 0) = $fd
     ${advise("app")}`,
  ],
  ["2-by-prctl", "dumpable cannot be set to 2", "app  prctl(PR_SET_DUMPABLE, 2, 0, 0, 0)"],
  [
    "above-32-bits",
    "dumpable of 2^32 is no 0",
    "app  prctl(PR_SET_DUMPABLE, 0x100000000, 0, 0, 0)",
  ],
]);

/** Who may advise whom. */
export const PERMISSION_CASES: readonly PackCase[] = [...MATRIX, ...DUMPABLE];
