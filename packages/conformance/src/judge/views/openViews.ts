import { integerOf, type CallEvent } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import { constant } from "../../notation/constants.ts";
import { plainName } from "../scope.ts";
import type { Worlds } from "../worlds.ts";
import type { PreparedCall } from "../preparedCall.ts";
import type { Judgement } from "../verdict.ts";
import type { Identities } from "./compareAreas.ts";
import { shownRecords, type AreaFile } from "./shownRecords.ts";
import { viewOf } from "./viewPath.ts";
import { aboutRead, adoptRead, preparedRead, type ViewRead } from "./viewRead.ts";

/** How far an open maps or smaps was read. */
interface Position {
  readonly pid: number;
  readonly file: AreaFile;
  /** The line of the call that opened it. */
  readonly line: number;
  /** Where the next read begins. */
  offset: number;
  /** Where the last one ended; the kernel goes on there. */
  readAt: number;
  /** The page behind the last area that was shown, and what was shown of the next. */
  page: number;
  begun: string;
  /** How often memory had changed then. */
  changes: number;
}

/** A read of maps or smaps that can be judged. */
export interface FollowedRead {
  readonly file: string;
  readonly prepared: PreparedCall;
  /** Why it was judged as it was. */
  about(judgement: Judgement): Judgement;
  /** It is over, and was judged. After a deviation what was read is taken for true. */
  end(judgement: Judgement, worlds: Worlds): void;
}

/**
 * Follows the reading of open files of /proc that show memory. The kernel writes whole areas into a
 * buffer of a page, and hands them out piece by piece. Linux: fs/seq_file.c seq_read_iter
 */
export class OpenViews {
  private readonly positions: Map<number, Position> = new Map();
  private readonly lastExec: Map<number, number> = new Map();
  private readonly begun: Map<number, number> = new Map();
  private readonly cut: Set<number> = new Set();
  private readonly identities: Identities = new WeakMap();
  private changes = 0;

  /** A call begins of which the end is yet to come. */
  entered(pid: number): void {
    this.begun.set(pid, this.changes);
  }

  /** Notes what a call does to open views, and whether it may change memory. */
  note(event: CallEvent, task: Task | undefined): void {
    const name = plainName(event.name);
    if (CHANGES_MEMORY.test(name)) this.changes++;
    if (event.result.error !== undefined || task === undefined) return;
    const pid = task.thread.group.pid.number;
    if (name.startsWith("exec")) this.lastExec.set(pid, event.line);
    if (name === "userfaultfd") this.cut.add(pid);
    if (name === "lseek" || name === "_llseek") this.seek(event, task);
  }

  /** A read of maps or smaps of which all bytes are shown; undefined for any other call. */
  read(event: CallEvent, pid: number, worlds: Worlds): FollowedRead | undefined {
    const { name, result, args } = event;
    const atStart = this.begun.get(pid);
    this.begun.delete(pid);
    if (name !== "read" && name !== "pread64") return undefined;
    const [world] = worlds;
    const task = world?.process(pid)?.task;
    const position = task === undefined ? undefined : this.positionOf(event, task);
    if (position === undefined || world === undefined || result.error !== undefined)
      return undefined;
    const at = name === "read" ? position.offset : numberOf(event, 3);
    const count = Number(result.value ?? 0);
    const size = numberOf(event, 2);
    const shown = args[1]?.value;
    if (at === undefined || size === undefined) return undefined;
    const goesOn = at === position.readAt && at > 0;
    if (name === "read") position.offset = at + count;
    position.readAt = at + count;
    const isShown = count === 0 || (shown?.kind === "string" && !shown.cut);
    const isLost = at > 0 && (!goesOn || Number.isNaN(position.page));
    const isOverlapped = atStart !== undefined && atStart !== this.changes;
    const isThere = [...worlds].every((each) => each.process(position.pid)?.task.mm !== undefined);
    const isSame = (this.lastExec.get(position.pid) ?? 0) <= position.line;
    // Of whoever is dying there is nothing to read, before the log says that he is gone.
    const mayBeGone = count === 0 && position.pid !== task?.thread.group.pid.number;
    if (!isShown || mayBeGone || isLost || isOverlapped || !isThere || !isSame) {
      position.page = Number.NaN;
      return undefined;
    }
    const text = shown?.kind === "string" ? shown.text : "";
    return this.follow(
      event,
      position,
      { at, count, size, text },
      world.process(position.pid)!.task,
    );
  }

  private follow(
    event: CallEvent,
    position: Position,
    { at, count, size, text }: { at: number; count: number; size: number; text: string },
    task: Task,
  ): FollowedRead {
    const isFirst = at === 0;
    const { memory, layout } = task.space;
    const from = isFirst ? 0 : position.page;
    const begun = isFirst ? "" : position.begun;
    const records = shownRecords(position.file, begun + text, memory.pageBytes);
    const last = records.areas.at(-1);
    const isEnd = records.hasGate || (count === 0 && size > 0);
    const behind = last === undefined ? from : Math.max(from, last.end / memory.pageBytes);
    const isLate = !isFirst && position.changes !== this.changes;
    const nonsense =
      text.length !== count
        ? `${text.length} bytes are shown`
        : !records.isWhole
          ? "lines have another form"
          : records.begun !== "" && count < size
            ? "an area's text is not broken off"
            : undefined;
    const view: ViewRead = {
      file: position.file,
      pid: position.pid,
      areas: isLate && begun !== "" ? records.areas.slice(1) : records.areas,
      span: {
        from:
          isLate && begun !== "" && records.areas[0] !== undefined
            ? Math.max(from, records.areas[0].end / memory.pageBytes)
            : from,
        to: isEnd ? layout.limit : behind,
        isLate,
        mayBeCut: this.cut.has(position.pid),
      },
      ...(nonsense === undefined ? {} : { nonsense }),
    };
    return {
      file: view.file,
      prepared: preparedRead(view, event, this.identities),
      about: aboutRead,
      end: ({ verdict }, worlds) => {
        if (verdict === "deviation")
          worlds.everyWorld((world) => {
            adoptRead(world, view);
          });
        position.page = behind;
        position.begun = records.begun;
        position.changes = this.changes;
      },
    };
  }

  /** Where the open file behind a descriptor stands; each opening has its line's number. */
  private positionOf(event: CallEvent, task: Task): Position | undefined {
    const fd = numberOf(event, 0);
    const file = fd === undefined ? undefined : task.files.peek(fd)?.file;
    if (file?.kind !== "file") return undefined;
    const view = viewOf(file.name);
    const line = file.object.number;
    if (view === undefined || line === 0) return undefined;
    let position = this.positions.get(line);
    if (position === undefined) {
      position = {
        ...view,
        line,
        ...{ offset: 0, readAt: 0, page: Number.NaN, begun: "", changes: this.changes },
      };
      this.positions.set(line, position);
      for (const old of this.positions.keys()) {
        if (this.positions.size <= MOST_POSITIONS) break;
        this.positions.delete(old);
      }
    }
    return position;
  }

  private seek(event: CallEvent, task: Task): void {
    const position = this.positionOf(event, task);
    if (position !== undefined && event.name === "lseek")
      position.offset = Number(event.result.value ?? 0);
    else if (position !== undefined) position.offset = Number.NaN;
  }
}

/** So many open files are followed at once: of one that was forgotten, no reading goes on. */
const MOST_POSITIONS = 1024;

const CHANGES_MEMORY =
  /^(mmap2?|munmap|mprotect|pkey_mprotect|mremap|brk|mlock|mlock2|munlock|m(un)?lockall|(process_)?madvise|mseal|map_shadow_stack|shm(at|dt)|remap_file_pages|prctl|execve(at)?|clone3?|v?fork|ioctl|arch_prctl|set_mempolicy|mbind|munmap)$/;

function numberOf(event: CallEvent, i: number): number | undefined {
  const value = event.args[i]?.value;
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : Number(number);
}
