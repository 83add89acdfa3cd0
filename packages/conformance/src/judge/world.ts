import { Kernel, type Process } from "@kadvise/kernel";
import { landlock, type LandlockPolicy, type Policy } from "@kadvise/security";
import type { Profile } from "@kadvise/releases";
import type { Task } from "@kadvise/syscalls";
import { Assumptions, type AssumptionName } from "./assumptions.ts";
import { JudgeChoices } from "./judgeChoices.ts";
import type { Way } from "./way.ts";

/** What all worlds of one judgement have in common. */
export interface WorldOptions {
  readonly profile: Profile;
  readonly assumptionsOff: readonly AssumptionName[];
  /** Makes the stack of policies; a fresh one for each world, for policies remember. */
  readonly policies?: () => readonly Policy[];
  /** Whether it is open if the kernel has Yama: the profile says so as a matter of custom. */
  readonly isYamaOpen?: boolean;
  /** Whether programs exist and may be executed, by path, as far as somebody looked. */
  readonly programs?: { readonly [path: string]: boolean };
}

/**
 * One way in which everything may have happened that fits the log so far: a kernel with the facts
 * that this way takes for granted.
 */
export class World {
  readonly options: WorldOptions;
  readonly kernel: Kernel;
  readonly choices: JudgeChoices;
  readonly assumptions: Assumptions;
  /**
   * Threads whose pending call has already taken effect here, with every way in which it could have
   * gone then.
   */
  readonly early: Map<number, readonly Way[]> = new Map();

  /** Threads whose pending call may or may not have taken effect here: its order got lost. */
  readonly unordered: Set<number> = new Set();
  /**
   * Whether the log says by which gate calls enter: strace does so on a terminal, and not with -o.
   */
  gatesAreNoted = false;
  private lacksYama = false;
  private landlock: LandlockPolicy | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.assumptions = new Assumptions(options.assumptionsOff);
    this.choices = new JudgeChoices(this.assumptions);
    this.kernel = new Kernel({
      profile: options.profile,
      choices: this.choices,
      recorded: true,
      ...(options.policies === undefined ? {} : { policies: options.policies() }),
    });
    this.choices.memory.journal = this.kernel.ports.journal;
  }

  /** Another world in the same state. */
  copy(): World {
    const copy = new World(this.options);
    if (this.landlock !== undefined) copy.landlock = copy.addLandlock();
    copy.kernel.restore(this.kernel.snapshot());
    for (const pid of this.unordered) copy.unordered.add(pid);
    copy.gatesAreNoted = this.gatesAreNoted;
    copy.assumptions.isDoubting = this.assumptions.isDoubting;
    copy.assumptions.poisonIsShown = this.assumptions.poisonIsShown;
    if (this.lacksYama) copy.leaveYamaOut();
    copy.choices.memory.copyFrom(this.choices.memory);
    for (const [pid, ways] of this.early) copy.early.set(pid, ways);
    return copy;
  }

  /** The kernel turned out to have no Yama. */
  leaveYamaOut(): void {
    this.lacksYama = true;
    this.kernel.policies = this.kernel.policies.filter(({ name }) => name !== "yama");
  }

  /** A task restricted itself: from now on it reaches those of its own domain alone. */
  enterDomain({ subject }: Task): void {
    this.landlock ??= this.addLandlock();
    const { access } = this.kernel.machine;
    const { noNewPrivs } = subject;
    // That it might, the log has shown.
    subject.noNewPrivs = true;
    this.landlock.restrict(access, subject);
    subject.noNewPrivs = noNewPrivs;
  }

  private addLandlock(): LandlockPolicy {
    const policy = landlock();
    this.kernel.policies = [...this.kernel.policies, policy];
    return policy;
  }

  process(pid: number): Process | undefined {
    return this.kernel.find(pid);
  }

  /** A process that was there before turns out to be another's child. */
  joinFamily(child: number, parent: number): void {
    const [one, other] = [child, parent].map((pid) => this.process(pid)?.task.thread.group);
    if (one !== undefined && other !== undefined)
      this.kernel.machine.processes.joinFamily(one, other);
  }

  /** Whether a process lives in a pid namespace of its own kind, where numbers are others. */
  isNested(pid: number): boolean {
    return (this.process(pid)?.task.pid.namespace.level ?? 0) > 0;
  }

  /** A process that was there before anybody watched; or one with numbers of its own. */
  spawn(pid: number, hasOwnNumbers = false): Process {
    const isNested =
      hasOwnNumbers ||
      this.tasks().some(
        ({ pid: { namespace }, childNamespace }) =>
          namespace.level > 0 || childNamespace !== undefined,
      );
    const sameIds = this.assumptions.holds("one-id");
    return this.kernel.spawn({ pid, sameIds, ...(isNested ? { isNested } : {}) });
  }

  /** Every task that lives here. */
  tasks(): readonly Task[] {
    return [...this.kernel.machine.processes.pids.values()].flatMap(
      ({ thread }) => thread?.payload ?? [],
    );
  }

  /** Whether somebody has ended for whom nobody has waited yet. */
  get hasZombies(): boolean {
    return this.tasks().some(({ thread }) => thread.group.state === "zombie");
  }

  /** Takes over what an equal world noted of calls that already took effect. */
  addEarly(other: World): void {
    for (const [pid, ways] of other.early) {
      const own = this.early.get(pid);
      if (own !== undefined && own !== ways)
        this.early.set(pid, [...own, ...ways].slice(0, MOST_EARLY_WAYS));
    }
  }

  /** Everything that can make a difference. */
  digest(): Digest {
    const columns: Uint8Array[] = [];
    const text = JSON.stringify(this.kernel.snapshot(), (_, value: unknown) => {
      if (typeof value === "bigint") return `${value}n`;
      if (typeof value === "number" && !Number.isFinite(value)) return String(value);
      if (isCounter(value)) return null;
      return ArrayBuffer.isView(value) ? columns.push(bytesOf(value)) : value;
    });
    const pids = [this.early.keys(), this.unordered].map((of) => [...of].sort((a, b) => a - b));
    return {
      text: `${text} ${JSON.stringify(pids)} ${this.choices.memory.digest()}`,
      columns,
    };
  }
}

/**
 * What a world holds: two that are equal go on alike. Columns of page state have a cell a page, and
 * are nearly all of it: they stay as they are, and are compared where the rest is the same.
 */
export interface Digest {
  readonly text: string;
  readonly columns: readonly Uint8Array[];
}

/** Whether two worlds whose texts are the same are equal. */
export function haveSameColumns(one: Digest, other: Digest): boolean {
  return (
    one.columns.length === other.columns.length &&
    one.columns.every((column, i) => Buffer.compare(column, other.columns[i]) === 0)
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const MOST_EARLY_WAYS = 32;

/**
 * Objects that only count work: two worlds may have come to the same state by other amounts of it.
 */
const COUNTERS: ReadonlySet<unknown> = new Set(["Work", "CallWork", "Tally"]);

function isCounter(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && "class" in value && COUNTERS.has(value.class)
  );
}
