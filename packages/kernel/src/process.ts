import type { ExitStatus } from "@kadvise/pidfd";
import {
  callByNumber,
  callDecoded,
  enter,
  exitProcess,
  Registers,
  SYSTEM_CALLS,
  type DecodedArgument,
  type DecodedOutcome,
  type Outcome,
  type Range,
  type Task,
} from "@kadvise/syscalls";
import { protectionBits } from "@kadvise/mm-core";
import { MAP, PROT, success, type Abi, type AdviceName, type Result } from "@kadvise/uapi";
import type { Kernel } from "./kernel.ts";

/** A mapping as people ask for one; private anonymous memory unless told otherwise. */
export interface MmapOptions {
  /** In bytes. */
  readonly length: number | bigint;
  /** `"rw"`, `"r"`, `"none"`, or PROT_* bits; readable and writable if unset. */
  readonly prot?: string | number;
  /** MAP_* names joined by |, or bits. */
  readonly flags?: string | number;
  readonly address?: number | bigint;
  readonly fd?: number;
  readonly offset?: number | bigint;
}

/**
 * A process (or thread) of a kernel, by its number in the initial pid namespace: typed calls in
 * place of registers.
 *
 * Each call goes through the very body that registers enter; results are values with a reason.
 * Addresses are bigints, lengths and counts numbers or bigints.
 */
export class Process {
  readonly kernel: Kernel;
  readonly pid: number;
  /** The gate by which its calls enter: `"i386"` makes them those of a 32-bit program. */
  abi: Abi = "x86-64";

  constructor(kernel: Kernel, pid: number) {
    this.kernel = kernel;
    this.pid = pid;
  }

  /** The task behind the number. @throws RangeError once it is gone */
  get task(): Task {
    const task = this.kernel.machine.processes.find(this.pid)?.thread?.payload;
    if (task === undefined) throw new RangeError(`process ${this.pid} is gone`);
    return task;
  }

  get name(): string {
    return this.task.name;
  }

  /**
   * Any modelled call by name, with decoded arguments; tells what it wrote through its pointers.
   */
  call(name: string, ...args: readonly DecodedArgument[]): DecodedOutcome {
    const call = SYSTEM_CALLS.get(name);
    if (call === undefined) {
      throw new TypeError(
        `expected the name of a modelled system call such as "madvise", got "${name}"`,
      );
    }
    return callDecoded(this.task, this.abi, call, args);
  }

  /**
   * A call as the program makes it: by number, with register values. Pointers lead into the
   * process' own memory.
   */
  syscall(number: number | bigint, ...registers: readonly (number | bigint)[]): Outcome {
    return enter(this.task, this.abi, number, new Registers(...registers));
  }

  /** Whether a call number is modelled at this process' gate. */
  knows(number: number): boolean {
    return callByNumber(this.abi, number) !== undefined;
  }

  /** mmap(2); returns the address. */
  mmap(options: MmapOptions): Result<bigint> {
    const prot =
      options.prot === undefined ? PROT.PROT_READ | PROT.PROT_WRITE : protectionBits(options.prot);
    const fd = options.fd ?? -1;
    const flags = options.flags ?? (fd < 0 ? MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS : MAP.MAP_PRIVATE);
    return asAddress(
      this.plain(
        "mmap",
        options.address ?? 0,
        options.length,
        prot,
        flags,
        fd,
        options.offset ?? 0,
      ),
    );
  }

  munmap(address: number | bigint, length: number | bigint): Result<number> {
    return this.plain("munmap", address, length);
  }

  mprotect(
    address: number | bigint,
    length: number | bigint,
    prot: string | number,
  ): Result<number> {
    return this.plain("mprotect", address, length, protectionBits(prot));
  }

  madvise(
    address: number | bigint,
    length: number | bigint,
    advice: AdviceName | number,
  ): Result<number> {
    return this.plain("madvise", address, length, advice);
  }

  /** process_madvise(2); returns the bytes advised. */
  processMadvise(
    pidfd: number,
    ranges: readonly Range[],
    advice: AdviceName | number,
    flags = 0,
  ): Result<number> {
    return this.plain("process_madvise", pidfd, ranges, ranges.length, advice, flags);
  }

  mlock(address: number | bigint, length: number | bigint): Result<number> {
    return this.plain("mlock", address, length);
  }

  munlock(address: number | bigint, length: number | bigint): Result<number> {
    return this.plain("munlock", address, length);
  }

  /** mincore(2): one byte a page. */
  mincore(address: number | bigint, length: number): Result<Uint8Array> {
    const { pageBytes } = this.kernel.machine.memory;
    const vector = new Uint8Array(Math.ceil(length / pageBytes));
    const { outcome } = this.call("mincore", address, length, vector);
    return outcome.ok ? success(vector) : outcome;
  }

  brk(address: number | bigint): Result<bigint> {
    return asAddress(this.plain("brk", address));
  }

  pidfdOpen(pid: number, flags = 0): Result<number> {
    return this.plain("pidfd_open", pid, flags);
  }

  close(fd: number): Result<number> {
    return this.plain("close", fd);
  }

  /** fork(2); returns the child. */
  fork(): Result<Process> {
    const pid = this.plain("fork");
    return pid.ok ? success(this.sibling(pid.value)) : pid;
  }

  /** clone(2) with CLONE_* bits and an exit signal in the low byte; returns the child or thread. */
  clone(flags: number): Result<Process> {
    const pid = this.plain("clone", flags, 0, 0, 0, 0);
    return pid.ok ? success(this.sibling(pid.value)) : pid;
  }

  /** execve(2) of a plain program. */
  exec(path = "/bin/true"): Result<number> {
    return this.plain("execve", path, 0, 0);
  }

  /** exit_group(2). */
  exit(code = 0): void {
    exitProcess(this.task, { code, signal: 0, coreDumped: false });
  }

  /** Ends as a signal ends it. */
  kill(signal: number): void {
    const status: ExitStatus = { code: 0, signal, coreDumped: false };
    exitProcess(this.task, status);
  }

  /** wait4(2) for a child, or any; returns the number of the child that was taken. */
  wait(pid = -1, options = 0): Result<number> {
    return this.plain("wait4", pid, 0, options, 0);
  }

  setresuid(uid: number, euid: number, suid: number): Result<number> {
    return this.plain("setresuid", uid, euid, suid);
  }

  setresgid(gid: number, egid: number, sgid: number): Result<number> {
    return this.plain("setresgid", gid, egid, sgid);
  }

  prctl(option: number | string, ...args: readonly (number | bigint)[]): Result<number> {
    return this.plain("prctl", option, ...args);
  }

  /**
   * A store: faults pages in and writes bytes or text. Refused with the signal that the program
   * would get.
   */
  store(address: number | bigint, data: string | Uint8Array): Result<undefined> {
    const { page, offset } = this.place(address);
    return this.task.space.write(page, data, offset, this.task.actor);
  }

  /** A load: faults pages in and reads. */
  load(address: number | bigint, length: number): Result<Uint8Array> {
    const { page, offset } = this.place(address);
    return this.task.space.read(page, length, offset, this.task.actor);
  }

  /** Touches every page of a range. */
  touch(
    address: number | bigint,
    length: number | bigint = 1,
    access: "read" | "write" = "write",
  ): Result<undefined> {
    const { page, offset } = this.place(address);
    const { pageBytes } = this.kernel.machine.memory;
    const pages = Math.ceil((offset + Number(length)) / pageBytes);
    for (let i = 0; i < pages; i++) {
      const touched = this.task.space.touch(page + i, access, this.task.actor);
      if (!touched.ok) return touched;
    }
    return success(undefined);
  }

  /** /proc/PID/maps. */
  maps(): string {
    return this.task.mm?.maps() ?? "";
  }

  /** /proc/PID/smaps. */
  smaps(): string {
    return this.task.mm?.smaps() ?? "";
  }

  /**
   * The entries of /proc/PID/pagemap for the pages of a range, eight bytes each, little-endian; the
   * numbers of frames and swap slots are 0, as for a reader without CAP_SYS_ADMIN.
   */
  pagemap(address: number | bigint, length: number): Uint8Array {
    const { page, offset } = this.place(address);
    const { pageBytes } = this.kernel.machine.memory;
    const pages = Math.ceil((offset + length) / pageBytes);
    return this.task.mm?.pagemap(page, pages) ?? new Uint8Array();
  }

  /** The lines of /proc/PID/status that tell of memory. */
  status(): string {
    return this.task.mm?.status() ?? "";
  }

  private plain(name: string, ...args: readonly DecodedArgument[]): Outcome {
    return this.call(name, ...args).outcome;
  }

  /** Whom a call has made, by the number that it answered: one in the caller's pid namespace. */
  private sibling(number: number): Process {
    const { machine, pid: own } = this.task;
    const pid = machine.processes.find(number, own.namespace)?.number ?? number;
    const process = new Process(this.kernel, pid);
    process.abi = this.abi;
    return process;
  }

  private place(address: number | bigint): { page: number; offset: number } {
    const { pageBytes } = this.kernel.machine.memory;
    const wide = BigInt.asUintN(64, BigInt(address));
    return { page: Number(wide / BigInt(pageBytes)), offset: Number(wide % BigInt(pageBytes)) };
  }
}

function asAddress(outcome: Outcome): Result<bigint> {
  return outcome.ok ? success(BigInt(outcome.value)) : outcome;
}
