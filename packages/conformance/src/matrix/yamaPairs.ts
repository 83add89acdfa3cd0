import type { CallerKind, Pair, TargetKind } from "./pair.ts";
import { having, ROOT, USER, type Party } from "./party.ts";

const CALLERS: { readonly [name: string]: Party } = {
  root: ROOT,
  user: USER,
  "user+ptrace": having(USER, "CAP_SYS_PTRACE"),
  "user in a namespace": { ...USER, namespaces: 1, permitted: "all", effective: "all" },
};

const TARGETS: readonly TargetKind[] = [
  { name: "user", kinship: "strangers", party: USER },
  { name: "own child", kinship: "child", party: USER },
  { name: "own parent", kinship: "parent", party: USER },
  {
    name: "own child within",
    kinship: "within",
    party: { ...USER, permitted: "all", effective: "all" },
  },
  {
    name: "user in a namespace",
    kinship: "strangers",
    party: { ...USER, namespaces: 1, permitted: "all", effective: "all" },
  },
  { name: "peer of one memory", kinship: "memory", party: USER },
  { name: "oneself", kinship: "self", party: USER },
  { name: "own child, zombie", kinship: "child", party: { ...USER, life: "zombie" } },
];

const DECLARING = ["caller", "anybody"] as const;

/**
 * Yama's four scopes, each with the kinships and declarations that it asks about. The last scope
 * cannot be left again: it comes last.
 */
export const YAMA_PAIRS: readonly Pair[] = ([0, 1, 2, 3] as const).flatMap((scope) =>
  TARGETS.flatMap((target) =>
    Object.entries(CALLERS).flatMap(([name, party]) => {
      const caller: CallerKind = { name, party };
      const plain: Pair = { caller, target, scope };
      if (target.name !== "user") return [plain];
      return [plain, ...DECLARING.map((declares): Pair => ({ ...plain, declares }))];
    }),
  ),
);
