import { readFileSync, readdirSync } from "node:fs";
import { formatEvent } from "../formatEvent.ts";
import type { LogEvent } from "../event.ts";
import { LogReader, type LogReaderOptions } from "../reader.ts";

/** Reads a whole log at once. */
export function readLog(text: string, options: LogReaderOptions = {}): LogEvent[] {
  const reader = new LogReader(options);
  return [...reader.push(text), ...reader.end()];
}

/** Reads a log in pieces of the given lengths, the last length again and again. */
export function readInPieces(text: string, lengths: readonly number[]): LogEvent[] {
  const reader = new LogReader();
  const events: LogEvent[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = Math.max(1, lengths[Math.min(turn, lengths.length - 1)] ?? 1);
    events.push(...reader.push(text.slice(at, at + length)));
    at += length;
  }
  return [...events, ...reader.end()];
}

/** Events in one line each, `kind@line text`, runs of spaces made one. */
export function told(events: readonly LogEvent[]): string[] {
  return events.map((event) => {
    const where = event.kind === "call" ? span(event.entryLine, event.line) : String(event.line);
    return `${event.kind}@${where} ${formatEvent(event).trim()}`.replaceAll(/ +/g, " ");
  });
}

/** Events as plain data, with what is read on demand, to compare. */
export function plain(events: readonly LogEvent[]): unknown[] {
  return events.map((event) => {
    if (event.kind === "call") {
      const { args, argumentText } = event;
      return { ...event, args, argumentText };
    }
    return event.kind === "signal" ? { ...event, info: event.info } : { ...event };
  });
}

/** The logs that were recorded of the programs beside them. */
export const RECORDINGS: readonly string[] = readdirSync(new URL("recordings/", import.meta.url))
  .filter((file) => file.endsWith(".strace"))
  .map((file) => file.slice(0, -".strace".length))
  .sort();

/** The text of a recording. */
export function recording(name: string): string {
  return readFileSync(new URL(`recordings/${name}.strace`, import.meta.url), "latin1");
}

function span(from: number, to: number): string {
  return from === to ? String(to) : `${from}-${to}`;
}
