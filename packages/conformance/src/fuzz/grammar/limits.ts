import fc from "fast-check";
import { literal, mostly, type Operation, type Write } from "./operation.ts";

/** Resources that a modelled rule looks at. */
const resource = mostly(
  fc.constantFrom("RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_NOFILE"),
  { one: fc.constant("RLIMIT_FSIZE"), in: 12 },
  { one: fc.constantFrom("16", "-1"), in: 20 },
);
const SIZES = ["0", "8192", "65536", "8388608", "67108864", "RLIM64_INFINITY"];
/** A soft limit and a hard one; mostly in this order. */
const limit = fc
  .tuple(resource, fc.nat(SIZES.length - 1), fc.nat(SIZES.length - 1))
  .map(([name, a, b]) => {
    const few = name === "RLIMIT_NOFILE";
    const [soft, hard] = [Math.min(a, b), Math.max(a, b)].map((i) =>
      few ? ["4", "8", "64", "1024", "4096", "1048577"][i] : SIZES[i],
    );
    return [name, `{rlim_cur=${soft}, rlim_max=${hard}}`] as const;
  });

/** Limits: one's own, and those of others. */
export const LIMITS: readonly Operation[] = [
  {
    name: "prctl",
    weight: 2,
    arbitrary: literal(
      fc.constantFrom(
        ...[
          "prctl(PR_GET_MDWE, 0, 0, 0, 0)",
          "prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)",
        ],
        ...["prctl(PR_GET_MDWE, 0, 0, 0, 1)", "prctl(PR_SET_MDWE, 2, 0, 0, 0)"],
        ...["prctl(PR_SET_MDWE, 3, 0, 0, 0)", "prctl(PR_SET_MDWE, 0, 0, 0, 0)"],
        ...["prctl(PR_SET_MDWE, 1, 0, 7, 0)", "prctl(PR_SET_MDWE, 4, 0, 0, 0)"],
      ),
    ),
  },
  {
    name: "prlimit64",
    weight: 20,
    arbitrary: fc
      .tuple(mostly(fc.constant(-1), { one: fc.nat(31), in: 3 }), limit)
      .map(([who, [name, value]]): Write => (stage) => {
        // What a loader needs of limits, and where it puts the stack, is not modelled.
        stage.mayExecute = false;
        return `prlimit64(${who < 0 ? "0" : stage.pid(who)}, ${name}, ${value}, NULL)`;
      }),
  },
  {
    name: "prlimit64",
    weight: 14,
    arbitrary: fc.tuple(mostly(fc.constant(-1), { one: fc.nat(31), in: 3 }), resource).map(
      ([who, name]): Write =>
        (stage) =>
          `prlimit64(${who < 0 ? "0" : stage.pid(who)}, ${name}, NULL, {})`,
    ),
  },
  {
    name: "prlimit64",
    weight: 3,
    arbitrary: literal(
      fc.constantFrom(
        "prlimit64(0x7fffffff, RLIMIT_DATA, NULL, {})",
        "prlimit64(0, RLIMIT_MEMLOCK, {rlim_cur=8192, rlim_max=4096}, NULL)",
        "prlimit64(0, RLIMIT_MEMLOCK, 0x1000, NULL)",
        "prlimit64(0, RLIMIT_MEMLOCK, NULL, 0x1000)",
      ),
    ),
  },
  {
    name: "prctl",
    weight: 6,
    arbitrary: literal(
      fc.constantFrom(
        ...["prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)", "prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0)"],
        ...["prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)", "prctl(PR_SET_THP_DISABLE, 1, 2, 0, 0)"],
        ...["prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0)", "prctl(PR_SET_THP_DISABLE, 0, 0, 1, 0)"],
      ),
    ),
  },
];
