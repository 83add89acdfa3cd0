import fc from "fast-check";
import { literal, mostly, oneOf, type Operation, type Write } from "./operation.ts";

const which = fc.nat(63);
/** Numbers that a descriptor gets when it may choose. */
const number = mostly(fc.integer({ min: 3, max: 9 }).map(String), {
  one: fc.constantFrom("0", "60", "1023", "1024", "-1", "0x7fffffff"),
  in: 8,
});

const onDescriptor = (text: (fd: string, bind: () => string) => string): fc.Arbitrary<Write> =>
  which.map(
    (n): Write =>
      (stage) =>
        text(stage.descriptor(n), () => stage.bindDescriptor()),
  );

const command = mostly(
  fc.constantFrom(
    ...["F_GETFD", "F_SETFD, 0", "F_SETFD, FD_CLOEXEC", "F_GETFL", "F_SETFL, O_NONBLOCK"],
    ...["F_SETFL, 0", "F_DUPFD, 3", "F_DUPFD_CLOEXEC, 3"],
  ),
  {
    one: fc.constantFrom(
      ...["F_DUPFD, 1024", "F_DUPFD, -1", "F_SETFD, 2", "F_SETFL, O_APPEND", "99", "F_GET_SEALS"],
    ),
    in: 6,
  },
);

/** Numbers that descriptors mostly have: poll's structure holds no names. */
const polled = mostly(fc.integer({ min: 3, max: 9 }).map(String), {
  one: fc.constantFrom("0", "77", "-1"),
  in: 8,
});
const events = fc.constantFrom("POLLIN", "POLLIN|POLLHUP", "0", "POLLRDNORM|POLLOUT", "0xffff");

const mask = fc.constantFrom("PIDFD_INFO_PID", "PIDFD_INFO_EXIT", "0", "0xffffffff", "0xfb");
/**
 * Requests: PIDFD_GET_INFO in every size, what every file takes, nonsense. A namespace's descriptor
 * has requests of its own, which are not modelled: none is opened.
 */
const request = mostly(
  fc
    .tuple(fc.constantFrom(64, 64, 64, 72, 80, 88, 63), mask)
    .map(([size, what]) => `${(0xc000_ff0b + size * 0x1_0000).toString()}, {mask=${what}}`),
  {
    one: fc.constantFrom(
      ...["0xff05, 1", "0xff09, 1", "0xff0c, 0", "0x5401, 0", "PIDFD_GET_INFO, NULL"],
      ...["FIOCLEX, 0", "FIONCLEX, 0", "FIONBIO, 0x1000"],
    ),
    in: 3,
  },
);

/** Descriptors: of processes, and what may be done with any. */
export const DESCRIPTORS: readonly Operation[] = [
  // Only what is refused: an open one answers other calls as nothing else does.
  { name: "userfaultfd", weight: 2, arbitrary: oneOf("userfaultfd(4)", "userfaultfd(0x7)") },
  {
    name: "pidfd_open",
    weight: 20,
    arbitrary: fc
      .tuple(
        fc.nat(31),
        mostly(fc.constant("0"), {
          one: fc.constantFrom(
            "PIDFD_NONBLOCK",
            "PIDFD_THREAD",
            "PIDFD_NONBLOCK|PIDFD_THREAD",
            "1",
          ),
          in: 3,
        }),
      )
      .map(
        ([who, flags]): Write =>
          (stage) =>
            `pidfd_open(${stage.pid(who)}, ${flags}) = ${stage.bindDescriptor()}`,
      ),
    compat: true,
  },
  {
    name: "pidfd_open",
    weight: 2,
    arbitrary: literal(fc.constantFrom("0", "-1", "0x7fffffff").map((n) => `pidfd_open(${n}, 0)`)),
    compat: true,
  },
  { name: "close", weight: 18, arbitrary: onDescriptor((fd) => `close(${fd})`), compat: true },
  {
    name: "dup",
    weight: 10,
    arbitrary: onDescriptor((fd, bind) => `dup(${fd}) = ${bind()}`),
    compat: true,
  },
  {
    name: "dup2",
    weight: 6,
    arbitrary: fc.tuple(which, number).map(
      ([n, to]): Write =>
        (stage) =>
          `dup2(${stage.descriptor(n)}, ${to})`,
    ),
    compat: true,
  },
  {
    name: "dup3",
    weight: 6,
    arbitrary: fc.tuple(which, number, fc.constantFrom("0", "O_CLOEXEC", "1")).map(
      ([n, to, flags]): Write =>
        (stage) =>
          `dup3(${stage.descriptor(n)}, ${to}, ${flags})`,
    ),
    compat: true,
  },
  {
    name: "fcntl",
    weight: 25,
    arbitrary: fc.tuple(which, command).map(
      ([n, what]): Write =>
        (stage) =>
          `fcntl(${stage.descriptor(n)}, ${what})`,
    ),
    compat: true,
  },
  {
    name: "poll",
    weight: 14,
    arbitrary: literal(
      fc
        .array(fc.tuple(polled, events), { minLength: 1, maxLength: 4 })
        .map((asked) => asked.map(([fd, what]) => `{fd=${fd}, events=${what}}`))
        .map((asked) => `poll([${asked.join(", ")}], ${asked.length}, 0)`),
    ),
    compat: true,
  },
  {
    name: "ioctl",
    weight: 16,
    arbitrary: fc.tuple(which, request).map(
      ([n, what]): Write =>
        (stage) =>
          `ioctl(${stage.descriptor(n)}, ${what})`,
    ),
  },
  {
    name: "show",
    weight: 5,
    arbitrary: literal(polled.map((fd) => `show(fdinfo, ${Math.abs(Number(fd))})`)),
  },
  {
    name: "memfd_create",
    weight: 3,
    arbitrary: fc.constantFrom("0", "MFD_CLOEXEC", "MFD_ALLOW_SEALING", "MFD_EXEC", "0x20").map(
      (flags): Write =>
        (stage) =>
          `memfd_create("m", ${flags}) = ${stage.bindDescriptor()}`,
    ),
  },
  {
    name: "close_range",
    weight: 6,
    arbitrary: literal(
      fc
        .tuple(
          number,
          fc.constantFrom("3", "5", "9", "-1"),
          fc.constantFrom("0", "CLOSE_RANGE_CLOEXEC", "CLOSE_RANGE_UNSHARE", "6", "1"),
        )
        .map(([first, last, flags]) => `close_range(${first}, ${last}, ${flags})`),
    ),
    compat: true,
  },
];
