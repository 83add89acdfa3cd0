export type { Picture, PicturedArea } from "./areaPicture.ts";
export { errnoReasons, type ErrnoReason, type ErrnoReasons } from "./errnoReasons.ts";
export { LogExplainer, type ExplainLogOptions, type LogCallExplained } from "./explainLog.ts";
export type { WayExplained } from "./explainWay.ts";
