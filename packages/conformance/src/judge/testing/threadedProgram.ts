import { Kernel, type Process } from "@kadvise/kernel";
import { SYSTEM_CALLS, type DecodedArgument } from "@kadvise/syscalls";
import { printCall } from "../../notation/print.ts";

/** A call that a thread makes. */
export interface PlannedCall {
  readonly name: string;
  readonly args: readonly DecodedArgument[];
}

const BASE = 0x1000_0000;
const PAGE = 4096;
/** Pages that the threads share. */
export const SHARED_PAGES = 8;

/** The number of a thread. */
function pidOf(thread: number): number {
  return 100 + thread;
}

/**
 * Runs threads on the reference kernel, one step at a time, and writes what strace would have: each
 * call takes effect at some moment between its two lines.
 */
export class ThreadedProgram {
  private readonly process: Process;
  private readonly lines: string[] = [];
  private readonly results: (string | undefined)[];

  constructor(kernel: string, threads: number) {
    this.process = new Kernel({ release: kernel, firstPid: pidOf(0) }).spawn();
    this.results = Array.from({ length: threads });
    this.lines.push(`${pidOf(0)} execve("./program", ["./program"], []) = 0`);
    this.write(0, this.run(mapShared()));
    this.lines.push(`${pidOf(0)} getpid() = ${pidOf(0)}`);
    this.lines.push(`${pidOf(0)} close_range(3, 4294967295, 0) = 0`);
    this.process.call("pidfd_open", this.process.pid, 0);
    this.lines.push(`${pidOf(0)} pidfd_open(${pidOf(0)}, 0) = 3`);
    for (let thread = 1; thread < threads; thread++) {
      const flags = "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD";
      this.lines.push(`${pidOf(0)} clone(child_stack=0x7f0000, flags=${flags}) = ${pidOf(thread)}`);
    }
  }

  enter(thread: number, { name }: PlannedCall): void {
    this.lines.push(`${pidOf(thread)} ${name}( <unfinished ...>`);
  }

  act(thread: number, call: PlannedCall): void {
    this.results[thread] = this.run(call);
  }

  return(thread: number, { name }: PlannedCall): void {
    const line = this.results[thread] ?? "";
    this.lines.push(`${pidOf(thread)} <... ${name} resumed>${line.slice(name.length + 1)}`);
  }

  get text(): string {
    return `${this.lines.join("\n")}\n`;
  }

  private run({ name, args }: PlannedCall): string {
    const call = SYSTEM_CALLS.get(name);
    if (call === undefined) throw new RangeError(`${name} is not modelled`);
    const { outcome, outputs } = this.process.call(name, ...args);
    return printCall({ call, args, outcome, outputs });
  }

  private write(thread: number, line: string): void {
    this.lines.push(`${pidOf(thread)} ${line}`);
  }
}

/** The address of a shared page. */
export function pageAt(page: number): number {
  return BASE + page * PAGE;
}

function mapShared(): PlannedCall {
  return mapAt(0, SHARED_PAGES);
}

/** Maps shared pages anew. */
export function mapAt(page: number, pages: number): PlannedCall {
  const flags = "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS";
  return { name: "mmap", args: [pageAt(page), pages * PAGE, "PROT_READ|PROT_WRITE", flags, -1, 0] };
}
