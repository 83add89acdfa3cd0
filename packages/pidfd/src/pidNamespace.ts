import type { Pid } from "./pid.ts";
import type { ThreadGroup } from "./threadGroup.ts";

/** Namespaces nest so deep below the initial one. Linux: kernel/pid_namespace.c MAX_PID_NS_LEVEL */
export const MOST_LEVELS = 32;

/**
 * A namespace of process numbers: whoever is in it has a number here and in each one around it.
 * Linux: include/linux/pid_namespace.h
 */
export class PidNamespace<T> {
  readonly parent: PidNamespace<T> | undefined;
  /** 0 for the initial one. */
  readonly level: number;
  readonly pids: Map<number, Pid<T>> = new Map();
  /** The number that was handed out last. */
  lastNumber: number;
  /** Its first process: orphans fall to it. undefined for the initial namespace's, and before it. */
  init: ThreadGroup<T> | undefined = undefined;
  /** Somebody was in it before anybody watched: its first process is not known. */
  firstUnstated = false;
  /** Its first process has ended: nobody is made in it any more. */
  closed = false;

  /** Who owns it, as higher floors know: a user namespace. */
  owner: unknown;

  constructor(
    parent?: PidNamespace<T>,
    options: { readonly lastNumber?: number; readonly owner?: unknown } = {},
  ) {
    const { lastNumber = 0, owner } = options;
    this.parent = parent;
    this.owner = owner;
    this.level = parent === undefined ? 0 : parent.level + 1;
    this.lastNumber = lastNumber;
  }

  /** Whether it is another one, or lies within it. */
  isWithin(other: PidNamespace<T>): boolean {
    return namespaceAt(this, other.level) === other;
  }
}

/** The namespace around another one at a level; undefined for one that lies deeper. */
export function namespaceAt<T>(
  namespace: PidNamespace<T>,
  level: number,
): PidNamespace<T> | undefined {
  let walker: PidNamespace<T> | undefined = namespace;
  while (walker !== undefined && walker.level > level) walker = walker.parent;
  return walker?.level === level ? walker : undefined;
}
