import type { LogEvent } from "./event.ts";
import { formatArgument, formatCall } from "./formatCall.ts";
import { formatValue } from "./formatValue.ts";

/**
 * Writes what an event says as a line of a log. The columns of times are left out, and a call that
 * was interrupted is one line again.
 *
 * @example
 * formatEvent({ kind: "exited", line: 7, pid: 12, status: 3 }); // "12    +++ exited with 3 +++"
 */
export function formatEvent(event: LogEvent): string {
  switch (event.kind) {
    case "call":
      return formatCall(event);
    case "entered":
      return `${column(event.pid)}${event.name}( <unfinished ...>`;
    case "unended": {
      const args = event.args.map(formatArgument).join(", ");
      const mark = event.reason === "detached" ? "<detached ...>" : "<unfinished ...>";
      return `${column(event.pid)}${event.name}(${args} ${mark}`;
    }
    case "signal": {
      const info = event.info === undefined ? "" : ` ${formatValue(event.info)}`;
      return `${column(event.pid)}--- ${event.signal}${info} ---`;
    }
    case "stopped":
      return `${column(event.pid)}--- stopped by ${event.signal} ---`;
    case "exited":
      return `${column(event.pid)}+++ exited with ${event.status} +++`;
    case "killed": {
      const core = event.coreDumped ? " (core dumped)" : "";
      return `${column(event.pid)}+++ killed by ${event.signal}${core} +++`;
    }
    case "superseded":
      return `${column(event.pid)}+++ superseded by execve in pid ${event.by} +++`;
    case "attached":
    case "detached": {
      const threads = event.threads === undefined ? "" : ` with ${event.threads} threads`;
      return event.pid === undefined
        ? ` <${event.kind} ...>`
        : `strace: Process ${event.pid} ${event.kind}${threads}`;
    }
    case "personality":
      return `[ Process PID=${event.pid} runs in ${event.mode} mode. ]`;
    case "identified":
      return `strace: Process ${event.pid} is whose the lines without a pid were`;
    case "note":
    case "unread":
      return event.text;
  }
}

function column(pid: number | undefined): string {
  return pid === undefined ? "" : `${String(pid).padEnd(5)} `;
}
