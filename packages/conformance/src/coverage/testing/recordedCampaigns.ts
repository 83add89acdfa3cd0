import { readdirSync, readFileSync } from "node:fs";
import { compareVersions, parseVersion, type Version } from "@kadvise/releases";
import type { RecordedCampaign } from "../recordedCampaign.ts";

const FOLDER = new URL("../../../coverage/", import.meta.url);

/** What campaigns have seen on real kernels, oldest kernel first. */
export function readCampaigns(): readonly RecordedCampaign[] {
  return readdirSync(FOLDER)
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as RecordedCampaign)
    .sort((a, b) => compareVersions(versionOf(a), versionOf(b)));
}

function versionOf({ kernel }: RecordedCampaign): Version {
  const { major = 0, minor = 0, point = 0 } = parseVersion(kernel) ?? {};
  return { major, minor, point };
}
