export { unheldBars } from "./bars.ts";
export { Campaign, type CampaignOptions } from "./campaign.ts";
export { findingFile, type Finding } from "./findingFile.ts";
export type { TallyReport } from "./tally.ts";
