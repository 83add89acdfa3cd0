export {
  ADVICE_CALLS,
  type AdviceAnswer,
  type AdviceCall,
  type AdviceQuestion,
} from "./askAdvice.ts";
export { adviceSpans, type AdviceSpan } from "./adviceSpans.ts";
export {
  adviceTable,
  ALL_ADVICE,
  shortText,
  type AdviceCell,
  type AdviceRow,
  type AdviceTableOptions,
} from "./adviceTable.ts";
export { NAMED_AREAS } from "./namedAreas.ts";
export { settingsNeeded } from "./settingsNeeded.ts";
export { adviceTableData, adviceTableSource } from "./adviceTableData.ts";
export { allKernels, namedKernels, type TableKernel } from "./tableKernels.ts";
