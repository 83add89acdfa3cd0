/** The numbers of the agent's protocol; PROTOCOL.md beside its source says what they mean. */
export const OPERATION_BYTES = 80;
export const RELOCATION_BYTES = 16;
export const RESULT_BYTES = 32;
export const PROGRAM_HEADER_BYTES = 24;
export const PROGRAM_RESULTS_HEADER_BYTES = 144;

export const OPERATION_KIND = {
  call: 1,
  fork: 2,
  exit: 3,
  exec: 4,
  load: 5,
  store: 6,
  touch: 7,
  read: 8,
  write: 9,
  settle: 10,
  fill: 11,
  repeat: 12,
} as const;

export const GATE = { native: 0, i386: 1 } as const;
export const FLAG = { timed: 1, vfork: 2, sibling: 4 } as const;
export const HOW = { literal: 0, result: 1, data: 2, pid: 3 } as const;
export const SUPERVISOR = 255;

/**
 * How far an operation came, by the number that the agent gives. The last is an operation under
 * way.
 */
export const STATES = ["not-reached", "done", "faulted", "absent", "died", "hung", "hung"] as const;

export const ENDS = ["complete", "hung"] as const;
