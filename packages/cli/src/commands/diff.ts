import type { ChangeExample, ReleaseDiff, TargetDiff } from "@kadvise/conformance/diff";
import type { Command } from "../command.ts";
import { EXIT, worse, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { kernelName } from "../kernelOption.ts";
import { given, text, texts, type Parsed } from "../options.ts";
import { note, out } from "../streams.ts";
import { nearest, UsageError } from "../usageError.ts";

const FORMATS = ["text", "markdown", "json"] as const;

/** `kadvise diff A B` */
export const diff: Command = {
  name: "diff",
  operands: "RELEASE RELEASE",
  summary:
    "What changed between two releases: each change with its release and backports, and an example that answers differently, tried on the models of both.",
  options: {
    brief: { type: "boolean", help: "a line for each change, without the examples" },
    only: {
      type: "string",
      value: "ID",
      multiple: true,
      help: "only this change; may be given several times",
    },
    target: {
      type: "string",
      value: "host|qemu:RELEASE",
      multiple: true,
      help: "run the examples on a real kernel too; may be given several times",
    },
    image: { type: "string", value: "PATH", help: "the image of the kernel that is emulated" },
    format: { type: "string", value: FORMATS.join("|"), help: "text if unset" },
  },
  examples: [
    "kadvise diff 5.10.23 5.10.24",
    "kadvise diff 5.10 6.12 --brief",
    "kadvise diff 6.1 auto --target host",
    "kadvise diff 6.12 6.13 --target qemu:6.12 --format markdown",
    "kadvise diff seed 5.10",
  ],
  run: runDiff,
};

async function runDiff(parsed: Parsed): Promise<ExitCode> {
  const format = formatOf(parsed, FORMATS);
  const [from, to, ...more] = parsed.operands.map(kernelName);
  if (from === undefined || to === undefined || more.length > 0)
    throw new UsageError("expected two releases: kadvise diff 5.10 6.12");
  const { diffReleases } = await import("@kadvise/conformance/diff");
  const only = texts(parsed, "only");
  requireKnown(only, diffReleases(from, to, { tries: false }));
  const brief = given(parsed, "brief");
  const found = diffReleases(from, to, {
    // Data has everything.
    tries: !brief || format === "json",
    ...(only.length === 0 ? {} : { only }),
  });
  const { targets, code } = await askTargets(found, parsed);
  await write(found, targets, { format, brief });
  return code;
}

/** Refuses ids of changes that do not lie between the two. */
function requireKnown(ids: readonly string[], { changes }: ReleaseDiff): void {
  const known = changes.map(({ change }) => change.id);
  for (const id of ids) {
    if (known.includes(id)) continue;
    const best = nearest(id, known);
    const hint = best === undefined ? "" : `; did you mean ${best}?`;
    throw new UsageError(`--only ${id}: no such change between these two${hint}`);
  }
}

async function askTargets(
  found: ReleaseDiff,
  parsed: Parsed,
): Promise<{ readonly targets: readonly TargetDiff[]; readonly code: ExitCode }> {
  const examples = found.changes.flatMap(({ shown }) =>
    "example" in shown ? [shown.example] : [],
  );
  const image = text(parsed, "image");
  const targets: TargetDiff[] = [];
  let code: ExitCode = EXIT.conforms;
  for (const name of texts(parsed, "target")) {
    const asked = await askTarget(name, image, examples);
    if (asked === undefined) {
      code = worse(code, EXIT.cannotRun);
      continue;
    }
    targets.push(asked);
    for (const { change, deviates, answers, model } of asked.answers) {
      if (!deviates) continue;
      const said = model?.answers.join("; ") ?? "";
      note(
        `${name}: ${change}: the model of ${asked.kernel} says ${said}, it says ${answers.join("; ")}`,
      );
      code = worse(code, EXIT.deviations);
    }
  }
  return { targets, code };
}

/** Asks one real kernel; undefined where it cannot be asked. */
async function askTarget(
  name: string,
  image: string | undefined,
  examples: readonly ChangeExample[],
): Promise<TargetDiff | undefined> {
  const { CannotRun, changesMachine, diffOnTarget, openTarget } =
    await import("@kadvise/conformance/diff");
  let target;
  try {
    target = openTarget(name, image === undefined || name === "host" ? {} : { image });
    const allowed = examples.filter((one) => name !== "host" || !changesMachine(one));
    for (const { change } of examples.filter((one) => !allowed.includes(one)))
      note(`host: ${change}: not asked, its example changes settings of the machine`);
    return await diffOnTarget(target, allowed);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--target ${name}: ${error.message}`);
    if (!(error instanceof CannotRun)) throw error;
    note(`kadvise diff: cannot run on ${name}: ${error.message}`);
    return undefined;
  } finally {
    await target?.close();
  }
}

async function write(
  found: ReleaseDiff,
  targets: readonly TargetDiff[],
  { format, brief }: { readonly format: string; readonly brief: boolean },
): Promise<void> {
  if (format === "json") {
    const { diffDocument } = await import("../formats/diffDocument.ts");
    out(JSON.stringify(diffDocument(found, targets), null, 2));
    return;
  }
  const { diffSections } = await import("../formats/diffSections.ts");
  const sections = diffSections(found, targets);
  if (format === "markdown") {
    const { diffMarkdown } = await import("../formats/diffMarkdown.ts");
    out(diffMarkdown(found, sections, brief));
    return;
  }
  const { diffText } = await import("../formats/diffText.ts");
  out(diffText(found, sections, { brief, columns: process.stdout.columns ?? 100 }));
}
