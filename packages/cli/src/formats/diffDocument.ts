import type { DiffedChange, ReleaseDiff, TargetDiff } from "@kadvise/conformance/diff";
import type { Profile } from "@kadvise/releases";

/** A diff as data. */
export function diffDocument(diff: ReleaseDiff, targets: readonly TargetDiff[]): unknown {
  return {
    schemaVersion: 1,
    from: kernelOf(diff.from),
    to: kernelOf(diff.to),
    changes: diff.changes.map(changeOf),
    switches: diff.switches,
    examples: diff.examples.map(({ example, from, to }) => ({
      ...{ id: example.change, scenario: example.scenario, from, to },
    })),
    targets,
  };
}

function kernelOf({ name, version, asked, released }: Profile): unknown {
  return { name, version, asked, released };
}

function changeOf({ change, how, shown }: DiffedChange): unknown {
  const { id, subject, mainline, lastWithout, stable, source } = change;
  return {
    ...{ id, how, subject, mainline },
    ...(lastWithout === undefined ? {} : { lastWithout }),
    ...(stable === undefined ? {} : { stable }),
    ...{ source, shown: shown.kind },
    ...("why" in shown ? { why: shown.why } : {}),
    ...("example" in shown ? exampleOf(shown) : {}),
  };
}

function exampleOf(
  shown: Exclude<DiffedChange["shown"], { readonly kind: "none" | "untried" }>,
): object {
  const { scenario, settings, recorded } = shown.example;
  const example = { scenario, settings, recorded: Object.fromEntries(recorded) };
  switch (shown.kind) {
    case "example":
      return { ...example, from: shown.from, to: shown.to };
    case "hidden":
      return {
        ...example,
        alone: { release: shown.release, without: shown.without, with: shown.with },
      };
    case "real-only":
      return example;
  }
}
