import { Checks } from "./checks.ts";
import { USUAL, type Choices } from "./choices.ts";
import { Journal } from "./journal.ts";

/**
 * What a subsystem is run through: who answers where Linux has a choice, who listens to the checks,
 * and the log that takes changes back. One machine has one of each; the subsystems share them.
 */
export interface Ports {
  choices: Choices;
  readonly checks: Checks;
  readonly journal: Journal;
}

/** Ports of a quiet machine that nobody watches. */
export function quietPorts(): Ports {
  return { choices: USUAL, checks: new Checks(), journal: new Journal() };
}
