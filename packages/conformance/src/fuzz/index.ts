export { AREA_KINDS, type AreaKind } from "../coverage/areaKinds.ts";
export {
  coverageOf,
  type Coverage,
  type Covered,
  type SeenOnKernel,
} from "../coverage/coverage.ts";
export { coverageDocument } from "../coverage/coverageDocument.ts";
export { recordCampaigns, type RecordedCampaign } from "../coverage/recordedCampaign.ts";
export { unheldBars } from "./bars.ts";
export { Campaign, type CampaignOptions } from "./campaign.ts";
export {
  campaignReport,
  isFine,
  type CampaignEnd,
  type CampaignIdentity,
  type CampaignReport,
  type WrittenFinding,
} from "./campaignReport.ts";
export type { Counts } from "./counts.ts";
export { findingFile, type Finding } from "./findingFile.ts";
export { MergeRefused, mergeReports, type ReportPart } from "./mergeReports.ts";
export { FAMILIES, type Family } from "./operations.ts";
export type { TallyReport } from "./tally.ts";
export { readKernel, readVersions } from "../recorded/folder.ts";
export { findOut, neighbours, type FoundOut, type WrongReleaseOptions } from "./wrongRelease.ts";
