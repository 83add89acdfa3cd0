import { PAGEMAP_ENTRY_BYTES, PAGEMAP_HIGH } from "@kadvise/mm-core";

/**
 * Lines in which a text of /proc/PID (smaps, the memory lines of status) is not what the model says
 * of it, as `area: model's line, not kernel's line`; none if it is.
 *
 * The model leaves lines out of which it cannot know what they say: those are passed over. Areas,
 * which smaps' entries begin with, must be the same.
 */
export function differentLines(theirs: string, ours: string): readonly string[] {
  const seen = theirs.split("\n");
  const said = ours.split("\n");
  const same = sameLine();
  let area = "";
  let i = 0;
  let j = 0;
  while (j < said.length - 1) {
    const line = i < seen.length ? seen[i] : undefined;
    if (line !== undefined && same(line, said[j])) {
      if (isHead(line)) area = placeOf(line);
      i++;
      j++;
    } else if (line === undefined || isHead(line)) {
      return [`${area}${said[j]}, not ${counterpart(seen, i, said[j])}`];
    } else i++;
  }
  // What the model ended before: the page above the user's half is no area.
  const rest = seen
    .slice(i)
    .filter((line) => isHead(line) && !line.startsWith("ffffffffff600000-"));
  return rest.map((line) => `no area, not ${line}`);
}

/** An entry of smaps begins with addresses; all other lines begin with a name. */
function isHead(line: string): boolean {
  const first = line.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || (first >= 0x61 && first <= 0x66);
}

function placeOf(head: string): string {
  return `${head.slice(0, head.indexOf(" "))} `;
}

/** What the kernel says where the model says a line: the one of the same name before the next area. */
function counterpart(seen: readonly string[], end: number, line: string): string {
  if (isHead(line)) return seen[end] ?? "the end";
  const name = line.slice(0, line.indexOf(":") + 1);
  for (let i = end - 1; i >= 0 && !isHead(seen[i]); i--)
    if (seen[i].startsWith(name)) return seen[i];
  return "such a line";
}

/** Numbers of shared memory's own files count up as the machine runs: they are told apart. */
function sameLine(): (theirs: string, ours: string) => boolean {
  const numbers = new Map<string, string>();
  return (theirs, ours) => {
    if (theirs === ours) return true;
    if (theirs.startsWith("VmFlags:") && theirs.replace(DENIES_WRITING, "") === ours) return true;
    const their = SHARED_MEMORY.exec(theirs);
    const our = SHARED_MEMORY.exec(ours);
    if (their === null || our === null) return false;
    if (their[1] !== our[1] || their[3] !== our[3]) return false;
    const number = numbers.get(their[2]);
    if (number === undefined) numbers.set(their[2], our[2]);
    return number === undefined || number === our[2];
  };
}

/** Older kernels keep an image from being written while it is executed, which no call shows. */
const DENIES_WRITING = / dw\b/;

const SHARED_MEMORY =
  /^(\S+ \S+ \S+) (\d\d:[\da-f]{2} \d+) +(\/(?:dev\/zero|anon_hugepage|memfd:\S*|SYSV\w+) \(deleted\)|\[anon_shmem:.*\])$/;

const { present, swapped, file, guard, exclusive, softDirty } = PAGEMAP_HIGH;
const BITS = { present, swapped, file, guard, exclusive, softDirty } as const;
/** Bit 57, of userfaultfd, is never set. */
const COMPARED = (present | swapped | file | guard | exclusive | softDirty | 0x0200_0000) >>> 0;

/** Entries of pagemap that differ in a bit that is no part of a frame's or slot's number. */
export function differentEntries(theirs: Uint8Array, ours: Uint8Array): readonly string[] {
  if (theirs.length !== ours.length) return [`${ours.length} bytes, not ${theirs.length}`];
  const [seen, said] = [theirs, ours].map(
    ({ buffer, byteOffset, length }) => new DataView(buffer, byteOffset, length),
  );
  const different: string[] = [];
  for (let at = 4; at < ours.length; at += PAGEMAP_ENTRY_BYTES) {
    const their = (seen.getUint32(at, true) & COMPARED) >>> 0;
    const our = said.getUint32(at, true);
    if (their === our) continue;
    different.push(`page ${(at - 4) / PAGEMAP_ENTRY_BYTES} ${named(our)}, not ${named(their)}`);
  }
  return different;
}

function named(entry: number): string {
  const names = Object.entries(BITS).flatMap(([name, bit]) => ((entry & bit) !== 0 ? [name] : []));
  return names.join(" ") || "nothing";
}
