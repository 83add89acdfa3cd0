import type { TargetFacts } from "../target/target.ts";
import { CALLERS } from "./callers.ts";
import type { Pair } from "./pair.ts";
import { TARGETS } from "./targets.ts";
import { YAMA_PAIRS } from "./yamaPairs.ts";

/**
 * Callers and targets that differ little from others. They are asked about on demand; what is
 * recorded and compared each time leaves them out.
 */
const RARE: ReadonlySet<string> = new Set([
  ...["root without any", "root+ptrace", "user+nice+kill", "user+nice+ptrace+kill"],
  ...["user, ptrace permitted", "user+chown+nice", "other+nice", "other+ptrace", "other+kill"],
  ...["other+resource", "other+perfmon", "other+nice+admin", "fs other", "other, fs user"],
  ...["saved user", "effective user", "fs group other", "group other, user's as supplement"],
  ...["user in a namespace without any", "root in a namespace", "user+chown, closed"],
  ...["root, closed", "fs uid other", "real gid other", "effective gid other", "fs gid other"],
  ...["zombie of root without any", "zombie in a namespace", "own child, closed"],
  ...["zombie of a namespace's root, closed", "own child within, closed"],
  ...["peer of one memory, closed", "zombie of user, state 2"],
]);

/**
 * The pairs that a target can be asked about: on the machine that one works on, no setting is
 * changed, and a process in a pid namespace has no number for kthreadd. `rare` asks about all.
 */
export function pairsFor(facts: TargetFacts, options: { rare?: boolean } = {}): readonly Pair[] {
  const isEmulated = facts.name.startsWith("qemu:");
  const isAsked = ({ name }: { readonly name: string }): boolean =>
    options.rare === true || !RARE.has(name);
  const callers = CALLERS.filter(isAsked);
  const targets = TARGETS.filter(isAsked).filter(
    ({ kinship, suidDumpable }) =>
      isEmulated || (kinship !== "kernel" && suidDumpable === undefined),
  );
  const plain = targets.flatMap((target) => callers.map((caller): Pair => ({ caller, target })));
  const hasYama = isEmulated && typeof facts.settings.ptraceScope === "number";
  return hasYama ? [...plain, ...YAMA_PAIRS] : plain;
}

/** What a pair is called: its line in a recording begins so. */
export function nameOf({ caller, target, scope, declares }: Pair): string {
  const words = [
    `${caller.name} → ${target.name}`,
    ...(scope === undefined ? [] : [`scope ${scope}`]),
    ...(declares === undefined ? [] : [`declares ${declares}`]),
  ];
  return words.join("; ");
}
