import { caseGroup, type PackCase } from "../packCase.ts";
import { advise, SELF, vector, written, type Advised } from "./stage.ts";

/** One thing wrong with a call. */
interface Fault extends Advised {
  readonly name: string;
  /** What is wrong with the only range. */
  readonly base?: string;
  readonly length?: string;
}

const FAULTS: readonly Fault[] = [
  { name: "flags", flags: "1" },
  { name: "vlen", vlen: "1025" },
  { name: "pointer", vector: "0x21000000" },
  { name: "length", length: "-1" },
  { name: "kernel-base", base: "0xffff800000000000" },
  { name: "pidfd", pidfd: "-1" },
  { name: "no-pidfd", pidfd: "0" },
  { name: "advice", advice: "9999" },
  { name: "unlisted", advice: "MADV_DONTNEED" },
  { name: "unaligned", base: "$heap + 1" },
  { name: "hole", base: "0x21000000" },
];

/** Two faults that cannot be in one call, or of which one hides that there is the other. */
function excludeEachOther(a: Fault, b: Fault): boolean {
  const both = (key: keyof Fault): boolean => a[key] !== undefined && b[key] !== undefined;
  const hasRange = (fault: Fault): boolean =>
    fault.base !== undefined || fault.length !== undefined;
  const hides = (fault: Fault): boolean => fault.vector !== undefined || fault.vlen !== undefined;
  return (
    (["flags", "vlen", "vector", "pidfd", "advice", "base", "length"] as const).some(both) ||
    (hides(a) && hasRange(b)) ||
    (hides(b) && hasRange(a))
  );
}

/** A call with some things wrong. */
function faulty(process: string, faults: readonly Fault[], pidfd = "$fd"): string {
  const all: Fault = Object.assign({}, ...faults) as Fault;
  const { base = "$heap", length = "4096", name: _, ...call } = all;
  return advise(process, { pidfd, vector: vector([base, length]), ...call });
}

const PAIRS: readonly (readonly [Fault, Fault])[] = FAULTS.flatMap((a, i) =>
  FAULTS.slice(i + 1).flatMap((b) => (excludeEachOther(a, b) ? [] : [[a, b] as const])),
);

/** A target that something is wrong with, and the process that advises it. */
interface Target {
  readonly name: string;
  readonly what: string;
  readonly scenario: string;
}

const TARGETS: readonly Target[] = [
  {
    name: "zombie",
    what: "a target that has ended",
    scenario: `manager  fork() = $child
      manager  pidfd_open($child, 0) = $fd
      ${written("manager", 8)}
      $child  exit_group(0)`,
  },
  {
    name: "reaped",
    what: "a target that was waited for",
    scenario: `manager  fork() = $child
      manager  pidfd_open($child, 0) = $fd
      ${written("manager", 8)}
      $child  exit_group(0)
      manager  wait4($child, NULL, 0, NULL)`,
  },
  {
    name: "no-access",
    what: "a target of another user",
    scenario: `app  spawn({uid=2000})
      ${written("app", 8)}
      manager  spawn({uid=1000, caps=[CAP_SYS_NICE]})
      manager  pidfd_open($app, 0) = $fd`,
  },
  {
    name: "no-nice",
    what: "a caller without CAP_SYS_NICE",
    scenario: `app  spawn({uid=1000})
      ${written("app", 8)}
      manager  spawn({uid=1000})
      manager  pidfd_open($app, 0) = $fd`,
  },
  {
    name: "neither",
    what: "a caller that has neither access nor CAP_SYS_NICE",
    scenario: `app  spawn({uid=2000})
      ${written("app", 8)}
      manager  spawn({uid=1000})
      manager  pidfd_open($app, 0) = $fd`,
  },
];

const OF_TARGET: readonly Fault[] = [
  ...FAULTS.filter(({ pidfd }) => pidfd === undefined),
  { name: "empty", vlen: "0" },
  { name: "empty-and-advice", vlen: "0", advice: "9999" },
];

/** Two faults in one call: which error wins. */
export const PRECEDENCE_CASES: readonly PackCase[] = [
  ...caseGroup(
    "precedence",
    PAIRS.map(([a, b]) => [
      `${a.name}-and-${b.name}`,
      `which is found first: ${a.name} or ${b.name}`,
      `${SELF}\n${faulty("app", [a, b])}`,
    ]),
  ),
  ...TARGETS.flatMap(({ name, what, scenario }) =>
    caseGroup(`precedence-${name}`, [
      ["alone", what, `${scenario}\n${faulty("manager", [])}`],
      ...OF_TARGET.map((fault): readonly [string, string, string] => [
        fault.name,
        `${what}, and ${fault.name}`,
        `${scenario}\n${faulty("manager", [fault])}`,
      ]),
    ]),
  ),
];
