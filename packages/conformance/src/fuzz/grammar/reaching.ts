import fc from "fast-check";
import { literal, mostly, type Operation, type Write } from "./operation.ts";
import { at, page } from "./ranges.ts";

const who = fc.nat(31);
const which = fc.nat(63);
const seldomFlags = mostly(fc.constant("0"), { one: fc.constant("1"), in: 12 });

/** Numbers that stand for the caller itself, on the releases that know them. */
const SELF = ["-10000", "-10001", "-20000", "-10002"];

/** A few ranges that one process copies to another: short, so that they fit beside each other. */
const places = fc
  .array(
    fc
      .tuple(page, fc.constantFrom(0, 4090), fc.constantFrom("4", "8", "20", "0"))
      .map(([index, plus, length]) => `{iov_base=${at(index, plus)}, iov_len=${length}}`),
    { minLength: 0, maxLength: 2 },
  )
  .map((ranges) => `[${ranges.join(", ")}], ${ranges.length}`);

const copies = (name: string): fc.Arbitrary<Write> =>
  fc.tuple(who, places, places, seldomFlags).map(
    ([n, local, remote, flags]): Write =>
      (stage) =>
        `${name}(${stage.pid(n)}, ${local}, ${remote}, ${flags})`,
  );

/** How one process reaches into another: its descriptors, its memory, its end. */
export const REACHING: readonly Operation[] = [
  {
    name: "pidfd_getfd",
    weight: 8,
    arbitrary: fc.tuple(which, fc.integer({ min: 0, max: 9 }), seldomFlags).map(
      ([n, fd, flags]): Write =>
        (stage) =>
          `pidfd_getfd(${stage.descriptor(n)}, ${fd}, ${flags}) = ${stage.bindDescriptor()}`,
    ),
    compat: true,
  },
  {
    name: "pidfd_send_signal",
    weight: 7,
    arbitrary: fc
      .tuple(
        which,
        mostly(fc.constant("0"), { one: fc.constantFrom("SIGURG", "65"), in: 4 }),
        mostly(fc.constant("0"), { one: fc.constantFrom("1", "2", "8", "3"), in: 4 }),
      )
      .map(
        ([n, signal, flags]): Write =>
          (stage) =>
            `pidfd_send_signal(${n % 16 === 5 ? SELF[n >> 4] : stage.descriptor(n)}, ${signal}, NULL, ${flags})`,
      ),
    compat: true,
  },
  {
    name: "process_mrelease",
    weight: 3,
    arbitrary: fc.tuple(which, seldomFlags).map(
      ([n, flags]): Write =>
        (stage) =>
          `process_mrelease(${stage.descriptor(n)}, ${flags})`,
    ),
    compat: true,
  },
  { name: "process_vm_readv", weight: 10, arbitrary: copies("process_vm_readv") },
  { name: "process_vm_writev", weight: 10, arbitrary: copies("process_vm_writev") },
  {
    name: "kcmp",
    weight: 6,
    // Of what is not shared the order means nothing: only what must be equal is asked.
    arbitrary: fc.tuple(who, fc.constantFrom("KCMP_VM", "KCMP_FILES", "99")).map(
      ([n, type]): Write =>
        (stage) =>
          `kcmp(${stage.pid(n)}, ${stage.pid(n)}, ${type}, 0, 0)`,
    ),
  },
  {
    name: "ptrace",
    weight: 3,
    // Whom a tracer holds stands still: only what is refused is drawn.
    arbitrary: fc
      .tuple(
        who,
        fc.constantFrom(
          "PTRACE_SEIZE, %, 1, 0",
          "PTRACE_SEIZE, %, 0, 0x400",
          "PTRACE_DETACH, %, 0, 0",
        ),
      )
      .map(
        ([n, what]): Write =>
          (stage) =>
            `ptrace(${what.replace("%", stage.pid(n))})`,
      ),
  },
  {
    name: "setns",
    weight: 3,
    arbitrary: fc.tuple(which, fc.constantFrom("0", "1", "CLONE_NEWUTS", "SIGCHLD")).map(
      ([n, flags]): Write =>
        (stage) =>
          `setns(${stage.descriptor(n)}, ${flags})`,
    ),
  },
  {
    name: "unshare",
    weight: 4,
    arbitrary: literal(
      fc.constantFrom(
        ...["unshare(CLONE_FILES)", "unshare(0)", "unshare(CLONE_FS)", "unshare(CLONE_VM)"],
        ...["unshare(CLONE_THREAD)", "unshare(0x1)", "unshare(CLONE_SIGHAND)"],
      ),
    ),
    compat: true,
  },
];
