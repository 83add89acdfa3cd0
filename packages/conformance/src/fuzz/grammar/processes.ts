import fc from "fast-check";
import { literal, mostly, oneOf, type Operation, type Write } from "./operation.ts";
import { at, page } from "./ranges.ts";

const who = fc.nat(31);
const isThread = (flags: string): boolean => flags.includes("CLONE_THREAD");

const forks = (text: fc.Arbitrary<string>): fc.Arbitrary<Write> =>
  text.map((call): Write => (stage) => {
    const name = stage.isNested ? undefined : stage.bindChild();
    if (name === undefined) return undefined;
    if (call.includes("CLONE_NEWPID")) stage.nest(name);
    if (call.startsWith("vfork")) stage.sleep(name);
    // Where a thread executes, two actors would have one number.
    if (isThread(call)) {
      stage.mayExecute = false;
      stage.hasThreads = true;
    }
    return `${call} = ${name}`;
  });

const THREAD = "CLONE_VM|CLONE_SIGHAND|CLONE_THREAD";
/** Flags that go together, with what they share. */
const sharing = mostly(
  fc.constantFrom(
    ...["CLONE_VM|CLONE_FILES", "CLONE_VM", "CLONE_FILES", "CLONE_FS", "CLONE_VM|CLONE_SIGHAND"],
    ...[THREAD, `${THREAD}|CLONE_FILES`, `${THREAD}|CLONE_FILES|CLONE_FS`],
  ),
  {
    one: fc.constantFrom(
      ...["CLONE_SIGHAND", "CLONE_THREAD", "CLONE_THREAD|CLONE_SIGHAND", "CLONE_NEWNS|CLONE_FS"],
      ...["CLONE_NEWUSER|CLONE_FS", `${THREAD}|CLONE_NEWUSER`, "CLONE_NEWUTS", "CLONE_NEWUSER"],
      ...["CLONE_NEWPID", "CLONE_NEWPID", "CLONE_NEWPID|CLONE_NEWUSER", `${THREAD}|CLONE_NEWPID`],
    ),
    in: 6,
  },
);
/** Where the kernel tells numbers: a page of the arena, or nowhere. */
const told = mostly(
  page.map((n) => at(n, 16)),
  { one: fc.constantFrom("NULL", "0x1000"), in: 6 },
);

const clone = fc
  .tuple(
    sharing,
    mostly(fc.constant(""), {
      // A child tells its own number when it first runs: nobody knows when that is.
      one: fc.constantFrom("|CLONE_PIDFD", "|CLONE_PARENT_SETTID"),
      in: 2,
    }),
    told,
    mostly(fc.constant("|SIGCHLD"), {
      // A fatal one ends the parent when it comes to it: nobody knows when that is.
      one: fc.constantFrom("", "|SIGURG", "|99"),
      in: 10,
    }),
  )
  .map(
    ([flags, more, pointer, signal]) =>
      `clone(child_stack=NULL, flags=${flags}${more}${isThread(flags) ? "" : signal}, parent_tid=${pointer}, child_tidptr=${pointer})`,
  );

const clone3 = fc
  .tuple(
    sharing,
    fc.constantFrom("", "", "|CLONE_PIDFD", "|CLONE_PARENT_SETTID"),
    told,
    mostly(fc.constant("SIGCHLD"), { one: fc.constantFrom("0", "65"), in: 8 }),
    mostly(fc.constant("88"), { one: fc.constantFrom("64", "80", "63", "4097", "96"), in: 6 }),
  )
  .map(
    ([flags, more, pointer, signal, size]) =>
      `clone3({flags=${flags}${more}, pidfd=${pointer}, parent_tid=${pointer}, exit_signal=${isThread(flags) ? 0 : signal}, stack=NULL, stack_size=0}, ${size})`,
  );

const options = mostly(
  fc.constantFrom("WEXITED|WNOHANG", "WEXITED|WNOHANG|WNOWAIT", "WEXITED|WNOHANG|__WALL"),
  { one: fc.constantFrom("WNOHANG", "WEXITED|WNOHANG|__WCLONE", "WEXITED|WNOHANG|0x10"), in: 5 },
);

const executes = fc.constant<Write>((stage) => {
  if (!stage.executes) return undefined;
  stage.wake();
  return 'execve("/image", NULL, NULL)';
});

/** What cannot succeed, or only asks: a file that holds no program is refused by some LSMs first. */
const refusedAt = fc.constantFrom(
  ...['77, "program", NULL, NULL, 0', '0, "", NULL, NULL, AT_EMPTY_PATH'],
  ...['AT_FDCWD, "", NULL, NULL, 0x8000', "AT_FDCWD, NULL, NULL, NULL, 0x8000"],
  ...['77, "", NULL, NULL, AT_EMPTY_PATH', '0, "program", 0x1000, NULL, 0'],
  ...['3, "", NULL, NULL, AT_EMPTY_PATH|AT_EXECVE_CHECK'],
  ...['AT_FDCWD, "/image", NULL, NULL, AT_EXECVE_CHECK'],
);

const mayExecuteAt = refusedAt.map(
  (args): Write =>
    (stage) =>
      stage.executes ? `execveat(${args})` : undefined,
);

const executesAt = fc
  .constantFrom('AT_FDCWD, "/image"', '77, "/image"', 'AT_FDCWD, "image"')
  .map((place): Write => (stage) => {
    if (!stage.executes) return undefined;
    stage.wake();
    return `execveat(${place}, NULL, NULL, AT_SYMLINK_NOFOLLOW)`;
  });

const code = mostly(
  fc.constantFrom("SI_QUEUE", "SI_QUEUE", "SI_TIMER", "SI_USER", "SI_TKILL", "SI_KERNEL"),
  // What no kind of signal has: the kernel looks whether anything lies behind what it knows.
  { one: fc.constantFrom("-7", "-8", "-60", "99", "6", "7"), in: 4 },
);
const quiet = mostly(fc.constantFrom("0", "SIGCHLD", "SIGCONT"), {
  one: fc.constantFrom("65", "-1", "SIGURG"),
  in: 5,
});

/** Signals with a siginfo, which end nobody. */
const queues = fc
  .tuple(fc.boolean(), quiet, code, fc.nat(7), fc.nat(9))
  .map(([toThread, signal, why, to, odd]): Write => (stage) => {
    const whom = odd === 0 ? "-1" : odd === 1 ? "2147483647" : stage.pid(to);
    const info = odd === 2 ? "NULL" : `{si_signo=${signal}, si_code=${why}}`;
    return toThread
      ? `rt_tgsigqueueinfo(${whom}, ${whom}, ${signal}, ${info})`
      : `rt_sigqueueinfo(${whom}, ${signal}, ${info})`;
  });

const ends = (...calls: readonly string[]): fc.Arbitrary<Write> =>
  fc.constantFrom(...calls).map((call): Write => (stage) => {
    stage.wake();
    return call;
  });

/** Processes and threads: made, ended, waited for. */
export const PROCESSES: readonly Operation[] = [
  { name: "fork", weight: 16, arbitrary: forks(fc.constant("fork()")) },
  { name: "vfork", weight: 3, arbitrary: forks(fc.constant("vfork()")) },
  { name: "clone", weight: 12, arbitrary: forks(clone) },
  { name: "clone3", weight: 10, arbitrary: forks(clone3) },
  { name: "execve", weight: 4, arbitrary: executes },
  { name: "execveat", weight: 2, arbitrary: mostly(mayExecuteAt, { one: executesAt, in: 3 }) },
  { name: "exit_group", weight: 7, arbitrary: ends("exit_group(0)", "exit_group(3)") },
  { name: "exit", weight: 3, arbitrary: ends("exit(0)", "exit(256)") },
  {
    name: "wait4",
    weight: 14,
    arbitrary: mostly(
      oneOf(
        ...["wait4(-1, [0], WNOHANG, NULL)", "wait4(-1, [0], WNOHANG|__WALL, NULL)"],
        ...["wait4(0, NULL, WNOHANG, NULL)", "wait4(-1, NULL, WNOHANG|__WCLONE, NULL)"],
      ),
      {
        one: who.map(
          (n): Write =>
            (stage) =>
              `wait4(${stage.pid(n)}, [0], WNOHANG, NULL)`,
        ),
        in: 3,
      },
      { one: oneOf("wait4(-1, NULL, 0x10, NULL)", "wait4(0x80000000, NULL, 1, NULL)"), in: 20 },
    ),
  },
  {
    name: "waitid",
    weight: 14,
    arbitrary: fc
      .tuple(fc.constantFrom("P_ALL", "P_PID", "P_PIDFD", "P_PGID"), who, options)
      .map(([type, n, how]): Write => (stage) => {
        const id = type === "P_PID" ? stage.pid(n) : type === "P_PIDFD" ? stage.descriptor(n) : "0";
        return `waitid(${type}, ${id}, {}, ${how}, NULL)`;
      }),
  },
  { name: "rt_sigqueueinfo", weight: 5, arbitrary: queues },
  {
    name: "kill",
    weight: 9,
    arbitrary: fc
      .tuple(
        who,
        mostly(fc.constant("0"), { one: fc.constantFrom("SIGKILL", "SIGTERM", "65", "-1"), in: 2 }),
      )
      .map(
        ([n, signal]): Write =>
          (stage) =>
            `kill(${stage.pid(n)}, ${stage.hasThreads && signal.startsWith("SIG") ? "0" : signal})`,
      ),
  },
  {
    name: "tgkill",
    weight: 4,
    arbitrary: fc.tuple(who, who, mostly(fc.constant("0"), { one: fc.constant("65"), in: 6 })).map(
      ([group, thread, signal]): Write =>
        (stage) =>
          group % 4 === 0
            ? `tkill(${stage.pid(thread)}, ${signal})`
            : `tgkill(${stage.pid(group % 4 === 1 ? thread : group)}, ${stage.pid(thread)}, ${signal})`,
    ),
  },
  {
    name: "ids",
    weight: 24,
    arbitrary: literal(
      fc.constantFrom("getpid()", "getppid()", "gettid()", "geteuid()", "getuid()", "getegid()"),
    ),
  },
];
