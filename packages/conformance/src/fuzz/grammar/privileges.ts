import { CAP } from "@kadvise/uapi";
import fc from "fast-check";
import { literal, mostly, oneOf, type Operation, type Write } from "./operation.ts";
import { at, page } from "./ranges.ts";

/** Capabilities that a modelled rule asks for, by name. */
const NAMES = [
  ...["CAP_SYS_NICE", "CAP_SYS_PTRACE", "CAP_SETPCAP", "CAP_SETUID", "CAP_SETGID", "CAP_KILL"],
  ...["CAP_IPC_LOCK", "CAP_SYS_RESOURCE", "CAP_SYS_ADMIN", "CAP_CHECKPOINT_RESTORE"],
] as const;
const ALL = (1n << 41n) - 1n;
const name = fc.constantFrom(...NAMES);

const someOf = fc
  .subarray([...NAMES], { minLength: 0 })
  .map((names) => names.reduce((set, one) => set | (1n << BigInt(CAP[one])), 0n));
const set = mostly(fc.constant(ALL), { one: someOf, in: 2 }, { one: fc.constant(0n), in: 12 }).map(
  (bits) => `0x${bits.toString(16)}`,
);
const version = mostly(fc.constant("_LINUX_CAPABILITY_VERSION_3"), {
  one: fc.constantFrom("_LINUX_CAPABILITY_VERSION_2", "_LINUX_CAPABILITY_VERSION_1", "7"),
  in: 10,
});

const securebits = mostly(
  fc.constantFrom("0", "SECBIT_NO_SETUID_FIXUP", "SECBIT_KEEP_CAPS", "SECBIT_NOROOT"),
  {
    one: fc.constantFrom(
      ...["SECBIT_NO_CAP_AMBIENT_RAISE", "SECBIT_KEEP_CAPS_LOCKED", "0x100", "0x400", "0x1000"],
      ...["SECBIT_NOROOT|SECBIT_NOROOT_LOCKED", "SECBIT_NO_SETUID_FIXUP_LOCKED", "0x500", "0xf00"],
    ),
    in: 2,
  },
);

/** Capabilities: which one has, which one may ever have, and what else a process is told to be. */
export const PRIVILEGES: readonly Operation[] = [
  {
    name: "capset",
    weight: 14,
    arbitrary: fc
      .tuple(version, set, set, set)
      .map(([form, effective, permitted, inheritable]): Write => (stage) => {
        stage.lessen();
        return `capset({version=${form}, pid=0}, {effective=${effective}, permitted=${permitted}, inheritable=${inheritable}})`;
      }),
  },
  {
    name: "capset",
    weight: 1,
    // Of others nobody may change any: one's own number is as good as none.
    arbitrary: fc.tuple(fc.constantFrom("-1", "1", "2147483647"), set).map(
      ([pid, all]): Write =>
        () =>
          `capset({version=_LINUX_CAPABILITY_VERSION_3, pid=${pid}}, {effective=0, permitted=${all}, inheritable=0})`,
    ),
  },
  {
    name: "capget",
    weight: 20,
    arbitrary: literal(
      mostly(
        version.map((form) => `capget({version=${form}, pid=0}, {})`),
        {
          one: fc.constantFrom(
            "capget({version=7, pid=0}, NULL)",
            "capget({version=_LINUX_CAPABILITY_VERSION_3, pid=-1}, {})",
            "capget({version=_LINUX_CAPABILITY_VERSION_3, pid=2147483647}, {})",
          ),
          in: 12,
        },
      ),
    ),
  },
  {
    name: "prctl",
    weight: 26,
    arbitrary: oneOf(
      ...["prctl(PR_SET_DUMPABLE, 0)", "prctl(PR_SET_DUMPABLE, 1)", "prctl(PR_GET_DUMPABLE)"],
      ...["prctl(PR_GET_DUMPABLE)", "prctl(PR_SET_DUMPABLE, 2)"],
    ),
  },
  {
    name: "prctl",
    weight: 20,
    arbitrary: literal(
      fc.oneof(
        fc.constantFrom(
          ...[
            "prctl(PR_SET_KEEPCAPS, 1)",
            "prctl(PR_SET_KEEPCAPS, 0)",
            "prctl(PR_SET_KEEPCAPS, 2)",
          ],
          ...["prctl(PR_GET_KEEPCAPS)", "prctl(PR_GET_SECUREBITS)", "prctl(PR_GET_SECUREBITS)"],
        ),
        securebits.map((bits) => `prctl(PR_SET_SECUREBITS, ${bits})`),
      ),
    ),
  },
  {
    name: "prctl",
    weight: 20,
    arbitrary: literal(
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.constantFrom("PR_CAPBSET_READ", "PR_CAPBSET_READ", "PR_CAPBSET_DROP"), name)
            .map(([option, one]) => `prctl(${option}, ${one})`),
        },
        {
          weight: 4,
          arbitrary: fc
            .tuple(
              fc.constantFrom(
                "PR_CAP_AMBIENT_RAISE",
                "PR_CAP_AMBIENT_IS_SET",
                "PR_CAP_AMBIENT_LOWER",
              ),
              name,
            )
            .map(([operation, one]) => `prctl(PR_CAP_AMBIENT, ${operation}, ${one}, 0, 0)`),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            ...[
              "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)",
              "prctl(PR_CAPBSET_READ, 41)",
            ],
            ...[
              "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0)",
              "prctl(PR_CAPBSET_DROP, 64)",
            ],
            ...[
              "prctl(PR_CAP_AMBIENT, 9, 0, 0, 0)",
              "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 41, 0, 0)",
            ],
            "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 1, 0)",
          ),
        },
      ),
    ),
  },
  {
    name: "prctl",
    weight: 12,
    arbitrary: literal(
      fc.oneof(
        fc.constantFrom(
          ...["prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)", "prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)"],
          ...["prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)", "prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0)"],
          ...["prctl(PR_SET_PDEATHSIG, 0)", "prctl(PR_SET_PDEATHSIG, SIGCHLD)"],
          ...["prctl(PR_SET_PDEATHSIG, 65)", "prctl(PR_SET_PTRACER, 0)"],
          ...["prctl(PR_SET_CHILD_SUBREAPER, 1)", "prctl(PR_SET_CHILD_SUBREAPER, 1)"],
          ...["prctl(PR_SET_CHILD_SUBREAPER, 0)", "prctl(PR_SET_CHILD_SUBREAPER, 7)"],
        ),
        page.map((n) => `prctl(PR_GET_PDEATHSIG, ${at(n, 16)})`),
        page.map((n) => `prctl(PR_GET_CHILD_SUBREAPER, ${at(n, 16)})`),
        page.map((n) => `prctl(PR_SET_NAME, ${at(n, 4088)})`),
        page.map((n) => `prctl(PR_GET_NAME, ${at(n, 16)})`),
      ),
    ),
  },
];
