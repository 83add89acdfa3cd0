import type { Journal } from "@kadvise/ports";
import type { RlimitName } from "@kadvise/uapi";

/** A resource limit; Infinity for none. */
export interface Limit {
  readonly soft: number;
  readonly hard: number;
}

const NONE: Limit = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };

/**
 * What a fresh system gives a process, as far as the covered calls ask. Linux:
 * include/asm-generic/resource.h
 */
const USUAL: ReadonlyMap<RlimitName, Limit> = new Map([
  ["RLIMIT_NOFILE", { soft: 1024, hard: 4096 }],
  ["RLIMIT_STACK", { soft: 8 * 1024 * 1024, hard: Number.POSITIVE_INFINITY }],
  ["RLIMIT_MEMLOCK", { soft: 8 * 1024 * 1024, hard: 8 * 1024 * 1024 }],
]);

/** The resource limits of a process; its threads share them. Linux: struct signal_struct rlim */
export class Limits {
  private readonly journal: Journal;
  private values: ReadonlyMap<RlimitName, Limit>;

  constructor(journal: Journal, values: ReadonlyMap<RlimitName, Limit> = USUAL) {
    this.journal = journal;
    this.values = values;
  }

  /** Limits of which nobody said anything: none bite. */
  static none(journal: Journal): Limits {
    return new Limits(journal, new Map());
  }

  get(name: RlimitName): Limit {
    return this.values.get(name) ?? NONE;
  }

  soft(name: RlimitName): number {
    return this.values.get(name)?.soft ?? Number.POSITIVE_INFINITY;
  }

  set(name: RlimitName, limit: Limit): void {
    this.journal.save(this, "values");
    this.values = new Map([...this.values, [name, limit]]);
  }

  /** Nobody knows any more what holds. */
  forget(): void {
    this.journal.save(this, "values");
    this.values = new Map();
  }

  copy(): Limits {
    return new Limits(this.journal, this.values);
  }
}
