export { ExecWatch, withoutLauncher } from "./execWatch.ts";
export { factsPathOf, parseLogFacts, type ExecFacts, type LogFacts } from "./logFacts.ts";
