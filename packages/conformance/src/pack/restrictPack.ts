import { compareVersions, resolveVersion, type Version } from "@kadvise/releases";
import type { ByReleases, PackDocument } from "./packDocument.ts";
import { inRanges, rangesText, stretches } from "./packReleases.ts";

/**
 * A document with the answers of some releases alone.
 *
 * @throws RangeError for a release that the document has no answers of
 */
export function restrictPack(document: PackDocument, releases: readonly string[]): PackDocument {
  const wanted = releases.map((release) => {
    const version = resolveVersion(release);
    if (inRanges(version, document.releases)) return version;
    throw new RangeError(`the cases cover ${document.releases}, not ${release}`);
  });
  const all = stretches();
  const covered = rangesText(all, (i) =>
    wanted.some(
      (version) =>
        compareVersions(version, all[i].first) >= 0 && compareVersions(version, all[i].last) <= 0,
    ),
  );
  return {
    ...document,
    releases: covered,
    cases: document.cases.map(({ needs, steps, ...rest }) => {
      const needed = needs === undefined ? {} : only(needs, wanted);
      return {
        ...rest,
        ...(Object.keys(needed).length === 0 ? {} : { needs: needed }),
        steps: steps.map(({ step, answers }) =>
          answers === undefined ? { step } : { step, answers: only(answers, wanted) },
        ),
      };
    }),
  };
}

function only(all: ByReleases, wanted: readonly Version[]): ByReleases {
  return Object.fromEntries(
    Object.entries(all).filter(([ranges]) => wanted.some((version) => inRanges(version, ranges))),
  );
}
