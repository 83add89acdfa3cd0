/** A check as a listener sees it: which rule, whether it had no objection, and what it compared. */
export interface CheckReport {
  readonly id: string;
  readonly passed: boolean;
  readonly compared: Readonly<Record<string, number | string | boolean | null>>;
}

/**
 * Who listens to the checks of a run. Nobody, usually: then a check costs one comparison and
 * allocates nothing.
 */
export class Checks {
  listener: ((check: CheckReport) => void) | undefined = undefined;

  /** Runs an action and returns its value and every check that it made, in Linux' order. */
  collect<T>(action: () => T): { readonly value: T; readonly checks: readonly CheckReport[] } {
    const checks: CheckReport[] = [];
    const outer = this.listener;
    this.listener = (check) => {
      checks.push(check);
      outer?.(check);
    };
    try {
      return { value: action(), checks };
    } finally {
      this.listener = outer;
    }
  }
}
