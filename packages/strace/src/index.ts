export { LogReader, type LogReaderOptions } from "./reader.ts";
export type * from "./event.ts";
export type * from "./value.ts";
export type { CallResult } from "./result.ts";

export { parseCallText, type CallText } from "./call-text.ts";
export { parseValue } from "./expression.ts";
export type { GrammarFailure, GrammarProblem } from "./grammar-error.ts";

export { formatCall, formatResult, type WrittenCall } from "./format-call.ts";
export { formatEvent } from "./format-event.ts";
export { formatValue } from "./format-value.ts";

export * from "./build-result.ts";
export * from "./build-value.ts";
export { integerOf, type NumberOf } from "./integer.ts";
