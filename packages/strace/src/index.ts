export { LogReader, type LogReaderOptions } from "./reader.ts";
export type * from "./event.ts";
export type * from "./value.ts";
export type { CallResult } from "./result.ts";

export { parseCallText, type CallText } from "./callText.ts";
export { parseValue } from "./expression.ts";
export type { GrammarFailure, GrammarProblem } from "./grammarError.ts";

export { formatCall, formatResult, type WrittenCall } from "./formatCall.ts";
export { formatEvent } from "./formatEvent.ts";
export { formatValue } from "./formatValue.ts";

export * from "./buildResult.ts";
export * from "./buildValue.ts";
export { integerOf, type NumberOf } from "./integer.ts";
