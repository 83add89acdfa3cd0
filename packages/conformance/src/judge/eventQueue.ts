import type { LogEvent } from "@kadvise/strace";

/** What a reader of events hands out while it waits for more of the log. */
export type NeedsMore = "more";

/**
 * Events in the order of the log, with a look ahead: what a call that is still under way will turn
 * out to have returned stands a few lines further on.
 */
export class EventQueue {
  private buffer: (LogEvent | undefined)[] = [];
  private head = 0;
  private ended = false;

  push(events: readonly LogEvent[]): void {
    for (const event of events) this.buffer.push(event);
  }

  end(): void {
    this.ended = true;
  }

  /** The next event; undefined at the end. */
  *take(): Generator<NeedsMore, LogEvent | undefined, void> {
    while (this.head >= this.buffer.length) {
      if (this.ended) return undefined;
      this.buffer.length = 0;
      this.head = 0;
      yield "more";
    }
    const event = this.buffer[this.head];
    // What is judged holds a part of the log: nothing of it is kept.
    this.buffer[this.head++] = undefined;
    if (this.head > 4096) {
      this.buffer = this.buffer.slice(this.head);
      this.head = 0;
    }
    return event;
  }

  /** The first event ahead that fits, within a limit of events; undefined if there is none. */
  *findAhead(
    fits: (event: LogEvent) => boolean,
    most: number,
  ): Generator<NeedsMore, LogEvent | undefined, void> {
    for (let i = 0; i < most; i++) {
      while (this.head + i >= this.buffer.length) {
        if (this.ended) return undefined;
        yield "more";
      }
      const event = this.buffer[this.head + i];
      if (event !== undefined && fits(event)) return event;
    }
    return undefined;
  }
}
