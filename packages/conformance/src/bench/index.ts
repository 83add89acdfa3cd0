export {
  runBenchmark,
  type BenchOptions,
  type BenchReport,
  type LoadFigures,
  type VectorSavings,
} from "./benchmark.ts";
export type { Growth } from "./growth.ts";
export { LOADS } from "./loads.ts";
export type { MemoryFigures } from "./memory.ts";
export type { Spread } from "./spread.ts";
