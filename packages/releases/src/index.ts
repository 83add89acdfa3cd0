export { adviceAnswer, type AdviceTableEntry, type AdviceTableRow } from "./adviceAnswer.ts";
export { ADVICE_TABLE } from "./adviceTable.generated.ts";
export { ASKED } from "./asked.ts";
export type { Change } from "./change.ts";
export { CHANGES } from "./changes.ts";
export type {
  AbiFeatures,
  AdviceLabel,
  FeaturePatch,
  Features,
  MmFeatures,
  PidfdFeatures,
  ProcessMadviseFeatures,
  SecurityFeatures,
  VectorFeatures,
} from "./features.ts";
export { isInForce } from "./inForce.ts";
export { NEWEST_POINT } from "./lines.ts";
export { resolveVersion } from "./name.ts";
export { profile, type Profile, type ProfileOptions } from "./profile.ts";
export { settingProblem } from "./settingProblem.ts";
export { SETTING_ALTERNATIVES, USUAL_SETTINGS, type Settings } from "./settings.ts";
export { compareVersions, formatVersion, lineOf, parseVersion, type Version } from "./version.ts";
