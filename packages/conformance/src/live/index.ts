export { smapsTotals, TOTALS, type SmapsTotals } from "./smapsTotals.ts";
export {
  buildCaller,
  CALLER_SOURCE,
  makeCalls,
  type CallsMade,
  type PlannedCall,
} from "./callerProgram.ts";
export { explainPair, type PairQuestion, type Prediction } from "./explainPair.ts";
export { liveWorld, type LivePair } from "./liveWorld.ts";
export { readPair, type FoundPair } from "./livePair.ts";
export { liveProfile, readMachine, type MachineFacts } from "./machineFacts.ts";
export { pageCounts, type PageCounts } from "./pageCounts.ts";
export {
  areaProbe,
  planCalls,
  type Choice,
  type LeftOut,
  type LiveRange,
  type Plan,
} from "./plan.ts";
export { readProcess, type ProcessFacts } from "./processFacts.ts";
export { HOST_FILES, type ProcReader } from "./procFiles.ts";
