import { CannotRun } from "../target/cannotRun.ts";
import { buildCaller, namespacesOf } from "./callerProgram.ts";
import type { LivePair } from "./liveWorld.ts";
import { readProcess, type NamespaceChain } from "./processFacts.ts";
import type { ProcReader } from "./procFiles.ts";
import { INITIAL_USER_NAMESPACE } from "./processFacts.ts";

/** A pair as it was found, and whether the reader himself, as the caller, could read the target. */
export interface FoundPair {
  readonly pair: LivePair;
  readonly couldRead: boolean | undefined;
}

/** Reads a pair of processes. Undefined for the one that does not exist. */
export function readPair(
  files: ProcReader,
  callerPid: number,
  targetPid: number,
  readerPid: number,
): FoundPair | { readonly missing: number } {
  const target = readProcess(files, targetPid);
  if (target === undefined) return { missing: targetPid };
  const caller = callerPid === targetPid ? target : readProcess(files, callerPid);
  if (caller === undefined) return { missing: callerPid };
  const chains = chainsOf([caller, target]);
  const isReader = callerPid === readerPid && callerPid !== targetPid;
  return {
    pair: {
      caller,
      target,
      callerNamespaces: chains.get(callerPid),
      targetNamespaces: chains.get(targetPid),
    },
    couldRead: isReader && target.hasMemory ? target.maps !== undefined : undefined,
  };
}

const INITIAL: NamespaceChain = [{ inode: INITIAL_USER_NAMESPACE, owner: 0 }];

/** The namespaces; only those below the initial one take a program to be asked. */
function chainsOf(
  processes: readonly { readonly pid: number; readonly namespace: string | undefined }[],
): ReadonlyMap<number, NamespaceChain> {
  const chains = new Map<number, NamespaceChain>();
  const open: number[] = [];
  for (const { pid, namespace } of processes) {
    if (namespace === INITIAL_USER_NAMESPACE) chains.set(pid, INITIAL);
    else if (namespace !== undefined) open.push(pid);
  }
  if (open.length === 0) return chains;
  try {
    for (const [pid, chain] of namespacesOf(buildCaller(), open)) chains.set(pid, chain);
  } catch (error) {
    // Without a compiler the parents stay unknown, and what hangs on them is said to be open.
    if (!(error instanceof CannotRun)) throw error;
  }
  return chains;
}
