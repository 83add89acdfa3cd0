import type { CheckReport } from "@kadvise/conformance";
import { checkGithub } from "./checkGithub.ts";
import { checkJsonl } from "./checkJsonl.ts";
import { checkJunit } from "./checkJunit.ts";
import { checkKtap } from "./checkKtap.ts";
import { checkSarif } from "./checkSarif.ts";

/** How a report of verdicts can be written for other programs. */
export const REPORT_FORMATS: { readonly [format: string]: (report: CheckReport) => string } = {
  json: (report) => JSON.stringify(report, null, 2),
  jsonl: checkJsonl,
  ktap: checkKtap,
  junit: checkJunit,
  sarif: checkSarif,
  github: checkGithub,
};
