/** What the tool's exit code says. Stable: people script against it. */
export const EXIT = {
  conforms: 0,
  deviations: 1,
  badUsage: 2,
  cannotRun: 3,
  interrupted: 130,
} as const;

/** An exit code of the tool. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Of two things that went wrong, the one that the exit code tells: bad usage over cannot-run over
 * deviations.
 */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  const order: readonly ExitCode[] = [
    EXIT.conforms,
    EXIT.deviations,
    EXIT.cannotRun,
    EXIT.badUsage,
  ];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
