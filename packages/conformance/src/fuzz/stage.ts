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
  private readonly files: string[] = [];
  private readonly segments: string[] = [];
  private children = 0;
  /** Whether a program may still be executed: what came before can be told of a new one. */
  mayExecute = true;
  /** Whether there are threads: of one that is killed nobody tells by which signal. */
  hasThreads = false;

  /** Whose step is written now. */
  acting = "";
  /** Who lives in a pid namespace below the initial one: nobody outside knows whom it makes. */
  private readonly nested: Set<string> = new Set();
  /**
   * Who gave capabilities up, or was made by such a one: where an execve gives some back, Linux
   * puts what it maps at random places. Linux: security/commoncap.c cap_bprm_creds_from_file
   */
  private readonly lessened: Set<string> = new Set();
  /** Who sleeps until a child of vfork ends or executes something, and which child. */
  private readonly asleep: Map<string, string> = new Map();

  /** The process that a number stands for, as the first column writes it. */
  process(number: number): string {
    return this.processes[number % this.processes.length];
  }

  /** Whoever acts in place of a process: its child, while it sleeps for that one. */
  awake(process: string): string {
    const child = this.asleep.get(process);
    return child === undefined ? process : this.awake(child);
  }

  /** The acting process makes a child in a pid namespace of its own. */
  nest(child: string): void {
    this.nested.add(child);
  }

  /** Whether the acting process lives in a pid namespace below the initial one. */
  get isNested(): boolean {
    return this.nested.has(this.acting);
  }

  /** The acting process gives capabilities up. */
  lessen(): void {
    this.lessened.add(this.acting);
  }

  /** Whether the acting process may execute a program of which it is known where it lies. */
  get executes(): boolean {
    return this.mayExecute && !this.isNested && !this.lessened.has(this.acting);
  }

  /** The acting process sleeps for a child. */
  sleep(child: string): void {
    this.asleep.set(this.acting, child);
  }

  /** The acting process ends, or executes something: who slept for it goes on. */
  wake(): void {
    for (const [maker, child] of this.asleep) if (child === this.acting) this.asleep.delete(maker);
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

  /** How many processes may still be made. */
  get childrenLeft(): number {
    return MOST_CHILDREN - this.children;
  }

  /** A name for the descriptor of a new file in memory. */
  bindFile(): string {
    const name = this.bindDescriptor();
    this.files.push(name);
    return name;
  }

  /** The descriptor of a file in memory, if any was made. */
  file(number: number): string {
    return this.files[number % this.files.length] ?? this.descriptor(number);
  }

  /** A name for the number of a new segment of shared memory. */
  bindSegment(): string {
    const name = `$segment${this.segments.length}`;
    this.segments.push(name);
    return name;
  }

  /** The number of a segment that was made, or one that none has. */
  segment(number: number): string {
    if (number % 16 === 15) return number > 31 ? "-1" : "0x7ffe0001";
    return this.segments[number % this.segments.length] ?? "0x7ffe0001";
  }

  /** A name for a new process, or undefined if there are enough. */
  bindChild(): string | undefined {
    if (this.childrenLeft === 0) return undefined;
    const name = `$child${this.children++}`;
    if (this.lessened.has(this.acting)) this.lessened.add(name);
    this.processes.push(name);
    return name;
  }
}
