import type { Kinship, TargetKind } from "./pair.ts";
import { having, ROOT, same, USER, type Party } from "./party.ts";

const NAMESPACE: Party = { ...USER, namespaces: 1, permitted: "all", effective: "all" };

const STRANGERS: { readonly [name: string]: Party } = {
  root: ROOT,
  "root without any": { ...ROOT, permitted: [], effective: [] },
  "root, closed": { ...ROOT, dumpable: 0 },
  user: USER,
  "user, closed": { ...USER, dumpable: 0 },
  "user+chown": having(USER, "CAP_CHOWN"),
  "user, nice permitted": { ...USER, permitted: ["CAP_SYS_NICE"] },
  "user+nice+ptrace": having(USER, "CAP_SYS_NICE", "CAP_SYS_PTRACE"),
  "user+chown, closed": { ...having(USER, "CAP_CHOWN"), dumpable: 0 },
  other: { ...USER, uids: same(2000), gids: same(2000) },
  "real uid other": { ...USER, uids: [2000, 1000, 1000, 1000] },
  "effective uid other": { ...USER, uids: [1000, 2000, 1000, 2000] },
  "saved uid other": { ...USER, uids: [1000, 1000, 2000, 1000] },
  "fs uid other": { ...USER, uids: [1000, 1000, 1000, 2000] },
  "real gid other": { ...USER, gids: [2000, 1000, 1000, 1000] },
  "effective gid other": { ...USER, gids: [1000, 2000, 1000, 2000] },
  "saved gid other": { ...USER, gids: [1000, 1000, 2000, 1000] },
  "fs gid other": { ...USER, gids: [1000, 1000, 1000, 2000] },
  "other groups": { ...USER, groups: [2000, 3000] },
  "zombie of user": { ...USER, life: "zombie" },
  "zombie of user, closed": { ...USER, life: "zombie", dumpable: 0 },
  "zombie of root": { ...ROOT, life: "zombie" },
  "zombie of root without any": { ...ROOT, permitted: [], effective: [], life: "zombie" },
  "stopped user": { ...USER, life: "stopped" },
  "user in a namespace": NAMESPACE,
  "user in a namespace, closed": { ...NAMESPACE, dumpable: 0 },
  "user in a namespace without any": { ...NAMESPACE, permitted: [], effective: [] },
  "user in two namespaces": { ...NAMESPACE, namespaces: 2 },
  "root of a namespace": { ...NAMESPACE, executes: true },
  "root of a namespace, closed": { ...NAMESPACE, executes: true, dumpable: 0 },
  "other in a namespace": { ...NAMESPACE, uids: same(2000), gids: same(2000) },
  "root in a namespace": { ...ROOT, namespaces: 1 },
  "zombie in a namespace": { ...NAMESPACE, life: "zombie" },
  "zombie of a namespace's root, closed": {
    ...NAMESPACE,
    executes: true,
    dumpable: 0,
    life: "zombie",
  },
};

const KIN: readonly (readonly [string, Kinship, Party])[] = [
  ["own child", "child", USER],
  ["own child, closed", "child", { ...USER, dumpable: 0 }],
  ["own child, reaped", "child", { ...USER, life: "reaped" }],
  ["own parent", "parent", USER],
  ["own child within", "within", { ...USER, permitted: "all", effective: "all" }],
  ["own child within, closed", "within", { ...USER, permitted: [], effective: [], dumpable: 0 }],
  [
    "own child in a namespace below",
    "within",
    { ...USER, permitted: "all", effective: "all", namespaces: 1 },
  ],
  ["peer of one memory", "memory", USER],
  ["peer of one memory, closed", "memory", { ...USER, dumpable: 0 }],
  ["oneself", "self", USER],
  ["kthreadd", "kernel", ROOT],
];

/** At whom the calls are aimed. */
export const TARGETS: readonly TargetKind[] = [
  ...Object.entries(STRANGERS).map(([name, party]): TargetKind => ({
    name,
    kinship: "strangers",
    party,
  })),
  ...KIN.map(([name, kinship, party]): TargetKind => ({ name, kinship, party })),
  {
    name: "user, state 2",
    kinship: "strangers",
    party: { ...USER, dumpable: 2 },
    suidDumpable: 2,
  },
  {
    name: "zombie of user, state 2",
    kinship: "strangers",
    party: { ...USER, dumpable: 2, life: "zombie" },
    suidDumpable: 2,
  },
];
