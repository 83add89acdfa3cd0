import type { ObservedArea } from "./startState.ts";

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) ([-rwxsp]{4}) ([0-9a-f]+) (\S+ \d+) *(.*)$/;

/** An address of the user half has at most so many digits. */
const USER_DIGITS = 14;

/**
 * Reads /proc/PID/smaps. The vsyscall page is left out: it lies in the kernel's half and is no
 * area.
 */
export function parseSmaps(text: string, pageBytes: number): readonly ObservedArea[] {
  const areas: ObservedArea[] = [];
  let head: RegExpExecArray | undefined;
  let fields = new Map<string, string>();
  const finish = (): void => {
    if (head !== undefined && head[1].length <= USER_DIGITS)
      areas.push(areaOf(head, fields, pageBytes));
  };
  for (const line of text.split("\n")) {
    const next = HEAD.exec(line);
    if (next !== null) {
      finish();
      head = next;
      fields = new Map();
    } else {
      const colon = line.indexOf(":");
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  finish();
  return areas;
}

function areaOf(
  head: RegExpExecArray,
  fields: ReadonlyMap<string, string>,
  pageBytes: number,
): ObservedArea {
  const [, start = "", end = "", permissions = "", offset = "", identity = "", name = ""] = head;
  const anonymous = Number.parseInt(fields.get("Anonymous") ?? "0", 10);
  return {
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    permissions,
    offset: Number.parseInt(offset, 16),
    identity,
    name,
    vmFlags: (fields.get("VmFlags") ?? "").split(" ").filter((code) => code !== ""),
    hasAnonymous: anonymous > 0,
    anonymousPages: (anonymous * 1024) / pageBytes,
  };
}
