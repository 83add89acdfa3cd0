export { EXIT, type ExitCode } from "./exitCodes.ts";
export { start } from "./start.ts";
