import { Unknown } from "@kadvise/ports";
import type { CallEvent } from "@kadvise/strace";
import type { SystemCall } from "@kadvise/syscalls";
import { success } from "@kadvise/uapi";
import type { ObservedArea } from "../../target/startState.ts";
import type { PreparedCall } from "../preparedCall.ts";
import type { Judgement } from "../verdict.ts";
import type { World } from "../world.ts";
import { compareAreas, type Identities, type Span } from "./compareAreas.ts";
import { stateShown } from "./stateShown.ts";

/** A read of maps or smaps whose bytes the log shows. */
export interface ViewRead {
  readonly file: string;
  /** Whose memory it shows. */
  readonly pid: number;
  readonly areas: readonly ObservedArea[];
  readonly span: Span;
  /** What of the bytes contradicts the result, or the file's own form. */
  readonly nonsense?: string;
}

/** The call as far as a judge needs one: what it reads is compared by {@link preparedRead}. */
const READ: SystemCall = { name: "read", parameters: [], run: () => success(0) };

/** Makes such a read ready to be run in any world: it finds there what the world knows, or says not. */
export function preparedRead(
  read: ViewRead,
  event: CallEvent,
  identities: Identities,
): PreparedCall {
  const value = event.result.value ?? 0;
  const run = (world: World): ReturnType<PreparedCall["run"]> => {
    const mm = world.process(read.pid)?.task.mm;
    if (mm === undefined) throw new Unknown("judge/no-memory", `what ${read.pid} has mapped`);
    const { difference, news } = compareAreas(mm, read.areas, read.span, identities);
    const said = read.nonsense ?? difference;
    if (said !== undefined) open(world, read.file, said, false);
    else if (news !== undefined) open(world, read.file, `${news} was not known`, true);
    // smaps counts pages too, and programs touch them unseen.
    else if (read.file === "smaps" && read.areas.length > 0)
      open(world, read.file, "which pages are there was not known", true);
    if (said === undefined && news !== undefined) stateShown(mm, read.areas, read.span);
    return { outcome: success(Number(value)), outputs: [] };
  };
  return { call: READ, args: [], run, observed: { shown: [], outputs: [], value } };
}

/** The bytes are Linux' to choose, within what is known; or they are not. */
function open(world: World, file: string, why: string, isAllowed: boolean): void {
  world.kernel.ports.choices.choose<boolean>({
    id: `view/${file}`,
    usual: isAllowed,
    allows: () => isAllowed,
    describe: () => `${file} as far as the log tells: ${why}`,
    fromResult: () => isAllowed,
  });
}

/** After a deviation what was read is taken for true. */
export function adoptRead(world: World, { pid, areas, span }: ViewRead): void {
  const mm = world.process(pid)?.task.mm;
  if (mm !== undefined) stateShown(mm, areas, span);
}

/** Why such a read was judged as it was. */
export function aboutRead(judgement: Judgement): Judgement {
  const reason = REASONS[judgement.verdict];
  if (reason === undefined) return judgement;
  const { verdict, allowed, needs } = judgement;
  return { verdict, allowed, needs, reason };
}

const REASONS: { readonly [verdict: string]: Judgement["reason"] } = {
  deviation: {
    id: "judge/other-memory",
    text: "the file shows memory to which no history in the log leads",
  },
  constrained: { id: "judge/unseen-memory", text: "the file shows more than the log told before" },
};
