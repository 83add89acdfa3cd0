import type { Machine } from "@kadvise/syscalls";

/**
 * What was done, counted as the kernel would have done it: what a vector saves against single
 * calls.
 */
export interface Work {
  readonly systemCalls: number;
  readonly pidfdLookups: number;
  readonly accessChecks: number;
  readonly mmapLocks: number;
  readonly tlbFlushes: number;
  readonly pageTableWalks: number;
  readonly pagesTouched: number;
}

/** The counters of a machine, from all its parts. */
export function readWork(machine: Machine): Work {
  const { systemCalls, pidfdLookups, accessChecks } = machine.work;
  return { systemCalls, pidfdLookups, accessChecks, ...machine.memory.work.read() };
}

/** What an attempt did was not done: notes the counters, for the journal to take back. */
export function noteWork({ ports, work, memory }: Machine): void {
  const calls = { ...work };
  const inMemory = { ...memory.work };
  ports.journal.onUndo(() => {
    Object.assign(work, calls);
    Object.assign(memory.work, inMemory);
  });
}

/** The work that was done between two readings. */
export function workBetween(before: Work, after: Work): Work {
  return {
    systemCalls: after.systemCalls - before.systemCalls,
    pidfdLookups: after.pidfdLookups - before.pidfdLookups,
    accessChecks: after.accessChecks - before.accessChecks,
    mmapLocks: after.mmapLocks - before.mmapLocks,
    tlbFlushes: after.tlbFlushes - before.tlbFlushes,
    pageTableWalks: after.pageTableWalks - before.pageTableWalks,
    pagesTouched: after.pagesTouched - before.pagesTouched,
  };
}
