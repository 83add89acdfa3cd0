/** Who acts in a generated scenario. */
export interface Cast {
  readonly name: string;
  /** How `spawn` makes it. */
  readonly spawn: string;
}

/**
 * The processes that are there from the beginning: root, a user, a user who may advise others, and
 * another who may look into others too.
 */
export const CAST: readonly Cast[] = [
  { name: "root", spawn: "spawn()" },
  { name: "user", spawn: "spawn({uid=1000})" },
  { name: "nice", spawn: "spawn({uid=1000, caps=[CAP_SYS_NICE]})" },
  { name: "tracer", spawn: "spawn({uid=2000, caps=[CAP_SYS_NICE, CAP_SYS_PTRACE]})" },
];

/** How many processes and threads are made in a scenario at most. */
const MOST_CHILDREN = 6;
/** The first number that a process gives a new descriptor. */
const LOWEST_FREE = 3;

/**
 * What a scenario has come to while its lines are written: the processes and descriptors that later
 * lines may name. A step names them by any number, so that every part of a scenario is one too.
 */
export class Stage {
  private readonly processes: string[] = CAST.map(({ name }) => name);
  private readonly descriptors: string[] = [];
  private children = 0;
  /** Whether a program may still be executed: what came before can be told of a new one. */
  mayExecute = true;
  /** Whether there are threads: of one that is killed nobody tells by which signal. */
  hasThreads = false;

  /** The process that a number stands for, as the first column writes it. */
  process(number: number): string {
    return this.processes[number % this.processes.length];
  }

  /** The same, as an argument writes it. */
  pid(number: number): string {
    const name = this.process(number);
    return name.startsWith("$") ? name : `$${name}`;
  }

  /** A descriptor that was opened, one that the kernel may have given, or one that never was. */
  descriptor(number: number): string {
    const { descriptors } = this;
    if (number % 8 === 6) return String(LOWEST_FREE + (number >> 3));
    return number % 8 === 7 || descriptors.length === 0
      ? "77"
      : descriptors[number % descriptors.length];
  }

  /** A name for a new descriptor. */
  bindDescriptor(): string {
    const name = `$fd${this.descriptors.length}`;
    this.descriptors.push(name);
    return name;
  }

  /** A name for a new process, or undefined if there are enough. */
  bindChild(): string | undefined {
    if (this.children >= MOST_CHILDREN) return undefined;
    const name = `$child${this.children++}`;
    this.processes.push(name);
    return name;
  }
}
