import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (...lines: readonly string[]): string =>
  verdicts(log(...lines))
    .at(-1)!
    .replace(/^\d+ /, "");

const FORK = "1 clone(child_stack=NULL, flags=SIGCHLD) = 2";
const OPEN = "1 pidfd_open(2, 0) = 3";
const ROOT = "1 setresuid(0, 0, 0) = 0";

test.each([
  // The child has the ids of its parent, whatever they are.
  ["pidfd_send_signal(3, 0, NULL, 0) = 0", "exact"],
  ["pidfd_send_signal(3, 99, NULL, 0) = -1 EINVAL (Invalid argument)", "exact"],
  ["pidfd_send_signal(3, 99, NULL, 0) = 0", "deviation"],
  ["pidfd_send_signal(3, 0, NULL, 16) = -1 EINVAL (Invalid argument)", "exact"],
  ["pidfd_send_signal(3, 0, NULL, 16) = 0", "deviation"],
  ["pidfd_send_signal(77, 0, NULL, 0) = 0", "undetermined"],
  [
    "pidfd_send_signal(3, SIGUSR1, {si_signo=SIGUSR2, si_code=SI_QUEUE}, 0) = -1 EINVAL (Invalid argument)",
    "exact",
  ],
  ["pidfd_send_signal(3, SIGUSR1, {si_signo=SIGUSR1, si_code=SI_QUEUE}, 0) = 0", "exact"],
  ["pidfd_getfd(3, 1, 1) = -1 EINVAL (Invalid argument)", "exact"],
  ["pidfd_getfd(3, 1, 1) = 4", "deviation"],
  ["process_mrelease(3, 1) = -1 EINVAL (Invalid argument)", "exact"],
  ["process_mrelease(3, 0) = 0", "undetermined"],
])("%s is %s", (call, verdict) => {
  expect(last(FORK, OPEN, `1 ${call}`)).toBe(`${call.replace(/\(.*/, "")} ${verdict}`);
});

// Seen on 6.18: a kernel thread has a table of descriptors, and nothing in it.
test("a kernel thread that has no memory to read is not gone", () => {
  const read = "1 process_vm_readv(2, [], 0, [{iov_base=0x1000, iov_len=1}], 1, 0)";
  const lines = [OPEN, `${read} = -1 ESRCH (No such process)`];
  const take = (result: string): string => `1 pidfd_getfd(3, 0, 0) = ${result}`;
  expect(last(...lines, take("-1 EBADF (Bad file descriptor)"))).not.toMatch(/deviation/);
  expect(last(...lines, take("-1 ESRCH (No such process)"))).toBe("pidfd_getfd deviation");
});

test("the scope of a process group may find one or not: a log does not tell who leads one", () => {
  const toGroup = "1 pidfd_send_signal(3, 99, NULL, PIDFD_SIGNAL_PROCESS_GROUP)";
  expect(last(FORK, OPEN, `${toGroup} = -1 ESRCH (No such process)`)).toBe(
    "pidfd_send_signal undetermined",
  );
  expect(last(FORK, OPEN, `${toGroup} = 0`)).toBe("pidfd_send_signal deviation");
});

test("a request that opens a namespace leaves a descriptor, and another one may", () => {
  const closed = "1 close(4) = 0";
  const next = (number: number): string => `1 dup(3) = ${number}`;
  const namespace = "1 ioctl(3, _IOC(_IOC_NONE, 0xff, 0x9, 0), 0) = 4";
  expect(last(FORK, OPEN, closed, namespace, closed)).toBe("close exact");
  expect(last(FORK, OPEN, closed, namespace, next(4))).toBe("dup deviation");
  const other = "1 ioctl(3, _IOC(_IOC_READ, 0xae, 0x1, 0), 0) = 4";
  expect(last(FORK, OPEN, closed, other, closed)).not.toMatch(/deviation/);
  expect(last(FORK, OPEN, closed, other, next(4))).not.toMatch(/deviation/);
  const none = "1 ioctl(3, _IOC(_IOC_READ, 0xae, 0x1, 0), 0) = 0";
  expect(last(FORK, OPEN, closed, none, closed)).toBe("close deviation");
});

// Seen on 6.18: what /proc/self/fd/N of a pidfd opens is a pidfd, whatever the access; not with O_PATH.
test("a pidfd that is opened anew through /proc names the same process", () => {
  const NONE = "NULL, 0, MADV_COLD, 0";
  const again = (path: string, flags = "O_RDONLY"): string =>
    `1 openat(AT_FDCWD, "/proc/${path}", ${flags}) = 4`;
  const advise = (result: string): string => `1 process_madvise(4, ${NONE}) = ${result}`;
  const OWN = "1 pidfd_open(1, 0) = 3";
  const closed = "-1 EBADF (Bad file descriptor)";
  for (const path of ["self/fd/3", "1/fd/3", "thread-self/fd/3", "self/task/1/fd/3"]) {
    expect(last(OWN, again(path), advise("0"))).toBe("process_madvise exact");
    expect(last(OWN, again(path), advise(closed))).toBe("process_madvise deviation");
    expect(last(OWN, again(path, "O_RDONLY|O_PATH"), advise(closed))).toBe("process_madvise exact");
  }
  expect(last(OWN, again("77/fd/3"), advise("0"))).toBe("process_madvise undetermined");
  const file = '1 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3';
  expect(last(file, again("self/fd/3"), advise("0"))).toBe("process_madvise deviation");
});

test("who was waited for gets no signal, and gives no descriptor", () => {
  const gone = [FORK, OPEN, "2 exit_group(0) = ?", "2 +++ exited with 0 +++"];
  const wait = "1 wait4(2, NULL, 0, NULL) = 2";
  const error = "-1 ESRCH (No such process)";
  expect(last(...gone, wait, `1 pidfd_send_signal(3, 0, NULL, 0) = ${error}`)).toBe(
    "pidfd_send_signal exact",
  );
  expect(last(...gone, wait, `1 pidfd_getfd(3, 1, 0) = ${error}`)).toBe("pidfd_getfd exact");
  expect(last(...gone, wait, "1 pidfd_getfd(3, 1, 0) = 4")).toBe("pidfd_getfd deviation");
});

test("a descriptor of a directory below /proc is taken for signals", () => {
  const open = '1 openat(AT_FDCWD, "/proc/self", O_RDONLY|O_DIRECTORY) = 3';
  expect(last(open, "1 pidfd_send_signal(3, 0, NULL, 0) = 0")).toBe(
    "pidfd_send_signal undetermined",
  );
  const other = '1 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3';
  expect(last(other, "1 pidfd_send_signal(3, 0, NULL, 0) = 0")).toBe("pidfd_send_signal deviation");
});

test("who is about to end may have given its descriptors up", () => {
  expect(last(FORK, OPEN, "2 exit_group(0) = ?", "1 pidfd_getfd(3, 1, 0) = 4")).toBe(
    "pidfd_getfd undetermined",
  );
  expect(last(ROOT, FORK, OPEN, "1 pidfd_getfd(3, 1, 0) = 4")).not.toMatch(/deviation/);
});

test("a signal and a copied descriptor go by the order in which they may have happened", () => {
  const copied = [
    ...[FORK, OPEN, "2 close(0 <unfinished ...>", "1 pidfd_getfd(3, 0, 0 <unfinished ...>"],
    ...["2 <... close resumed>) = 0", "1 <... pidfd_getfd resumed>) = 4"],
  ];
  expect(last(...copied)).not.toMatch(/deviation/);
  const refused = [
    ...copied.slice(0, -1),
    "1 <... pidfd_getfd resumed>) = -1 EBADF (Bad file descriptor)",
  ];
  expect(last(...refused)).not.toMatch(/deviation/);
});
