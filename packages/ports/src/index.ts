export { Checks, type CheckReport } from "./checks.ts";
export { USUAL, Unknown, type Choices, type Question } from "./choices.ts";
export { Facts } from "./facts.ts";
export { Journal } from "./journal.ts";
export { quietPorts, type Ports } from "./ports.ts";
