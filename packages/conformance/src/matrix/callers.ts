import type { CallerKind } from "./pair.ts";
import { having, ROOT, same, USER, type Party } from "./party.ts";

const OTHER: Party = { ...USER, uids: same(2000), gids: same(2000) };

const PARTIES: { readonly [name: string]: Party } = {
  root: ROOT,
  "root without effective": { ...ROOT, effective: [] },
  "root without any": { ...ROOT, permitted: [], effective: [] },
  "root+ptrace": having(ROOT, "CAP_SYS_PTRACE"),
  user: USER,
  "user+nice": having(USER, "CAP_SYS_NICE"),
  "user+ptrace": having(USER, "CAP_SYS_PTRACE"),
  "user+kill": having(USER, "CAP_KILL"),
  "user+nice+ptrace": having(USER, "CAP_SYS_NICE", "CAP_SYS_PTRACE"),
  "user+nice+kill": having(USER, "CAP_SYS_NICE", "CAP_KILL"),
  "user+nice+ptrace+kill": having(USER, "CAP_SYS_NICE", "CAP_SYS_PTRACE", "CAP_KILL"),
  "user, nice permitted": { ...USER, permitted: ["CAP_SYS_NICE"] },
  "user, ptrace permitted": {
    ...having(USER, "CAP_SYS_NICE"),
    permitted: ["CAP_SYS_NICE", "CAP_SYS_PTRACE"],
  },
  "user+chown+nice": having(USER, "CAP_CHOWN", "CAP_SYS_NICE"),
  other: OTHER,
  "other+nice": having(OTHER, "CAP_SYS_NICE"),
  "other+ptrace": having(OTHER, "CAP_SYS_PTRACE"),
  "other+nice+ptrace": having(OTHER, "CAP_SYS_NICE", "CAP_SYS_PTRACE"),
  "other+kill": having(OTHER, "CAP_KILL"),
  "other+resource": having(OTHER, "CAP_SYS_RESOURCE"),
  "other+perfmon": having(OTHER, "CAP_PERFMON"),
  "other+nice+perfmon": having(OTHER, "CAP_SYS_NICE", "CAP_PERFMON"),
  "other+nice+admin": having(OTHER, "CAP_SYS_NICE", "CAP_SYS_ADMIN"),
  "real other, fs user": { ...having(USER, "CAP_SYS_NICE"), uids: [2000, 1000, 1000, 1000] },
  "real user, fs other": { ...having(USER, "CAP_SYS_NICE"), uids: [1000, 2000, 2000, 2000] },
  "fs other": { ...having(USER, "CAP_SYS_NICE"), uids: [1000, 1000, 1000, 2000] },
  "other, fs user": {
    ...having(OTHER, "CAP_SYS_NICE"),
    uids: [2000, 2000, 2000, 1000],
    gids: [2000, 2000, 2000, 1000],
  },
  "saved user": { ...OTHER, uids: [2000, 2000, 1000, 2000] },
  "effective user": { ...OTHER, uids: [2000, 1000, 2000, 1000] },
  "group other": { ...having(USER, "CAP_SYS_NICE"), gids: same(2000) },
  "fs group other": { ...having(USER, "CAP_SYS_NICE"), gids: [1000, 1000, 1000, 2000] },
  "group other, user's as supplement": {
    ...having(USER, "CAP_SYS_NICE"),
    gids: same(2000),
    groups: [1000],
  },
  "user in a namespace": { ...USER, namespaces: 1, permitted: "all", effective: "all" },
  "user in a namespace without any": { ...USER, namespaces: 1 },
  "root of a namespace": {
    ...USER,
    namespaces: 1,
    permitted: "all",
    effective: "all",
    executes: true,
  },
  "root in a namespace": { ...ROOT, namespaces: 1 },
};

/** Who calls: mixes of ids and capabilities, in the initial user namespace and below it. */
export const CALLERS: readonly CallerKind[] = Object.entries(PARTIES).map(([name, party]) => ({
  name,
  party,
}));
