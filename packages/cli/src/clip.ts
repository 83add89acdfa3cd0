/**
 * Shortens a line of a trace to a width. What is left out is inside: whole elements of a vector,
 * so that the call, its first range and its result always show.
 *
 * @example
 * ```ts
 * clip("process_madvise(3, [{a}, {b}, {c}], 3, MADV_COLD, 0) = 3", 50);
 * // process_madvise(3, [{a}, ...], 3, MADV_COLD, 0) = 3
 * ```
 */
export function clip(line: string, width: number): string {
  if (line.length <= width) return line;
  const end = line.lastIndexOf("}], ");
  if (end === -1) return `${line.slice(0, width - 3)}...`;
  const tail = `, ...${line.slice(end + 1)}`;
  const first = line.indexOf("}, {");
  if (first === -1) return line;
  const whole = Math.max(first, line.lastIndexOf("}, {", width - tail.length - 1));
  return line.slice(0, whole + 1) + tail;
}
