import type { ObservedArea } from "../target/startState.ts";
import type { TargetFacts } from "../target/target.ts";

/** A target's own folder for files, which has another name each time: `kadvise-4026531836-812-x1`. */
const SCRATCH = /kadvise-\d+-\d+-\w+/g;
const MEMINFO = "/proc/meminfo";
/** What of it depends on the machine alone, and is read. */
const TOTALS: ReadonlySet<string> = new Set(["MemTotal", "SwapTotal"]);

/**
 * What a kernel says of itself without what is another at every recording: the names and inodes of
 * the target's temporary files, and how much memory was in use.
 */
export function stableFacts(facts: TargetFacts): TargetFacts {
  const inodes = new Map<string, number>();
  const stable = (area: ObservedArea): ObservedArea =>
    area.name.search(SCRATCH) < 0 ? area : { ...area, identity: numbered(area.identity, inodes) };
  const kept = {
    ...facts,
    start: { ...facts.start, areas: facts.start.areas.map(stable) },
    executed: { ...facts.executed, areas: facts.executed.areas.map(stable) },
    facts: Object.fromEntries(
      Object.entries(facts.facts).map(([name, text]) => [
        name,
        name === MEMINFO ? totalsOf(text) : text,
      ]),
    ),
  };
  return JSON.parse(JSON.stringify(kept).replace(SCRATCH, "kadvise")) as TargetFacts;
}

/** The device and a number by the order of appearance: what is one file stays one. */
function numbered(identity: string, inodes: Map<string, number>): string {
  const known = inodes.get(identity) ?? inodes.size + 1;
  inodes.set(identity, known);
  return `${identity.split(" ")[0]} ${known}`;
}

function totalsOf(text: string): string {
  const lines = text.split("\n").filter((line) => TOTALS.has(line.split(":")[0]));
  return lines.join("\n");
}
