/** How the story is told. */
export interface ZygoteOptions {
  /** Areas of the process that is advised. */
  readonly areas?: number;
  /** Pages of each. */
  readonly pages?: number;
  /** Ranges of the longest vector. */
  readonly vector?: number;
}

/**
 * The proposal's own story as a scenario: a zygote forks an app, the app's memory falls into 2000
 * areas, and a manager advises them all: by two vectors, and by 2000 single calls.
 *
 * One line a call, as strace would print it.
 */
export function zygoteScenario(options: ZygoteOptions = {}): string {
  const { areas = 2000, pages = 4, vector = 1024 } = options;
  const bytes = pages * 4096;
  const at = (i: number): string => (i === 0 ? "$heap" : `$heap + ${i * bytes}`);
  const ranges = (from: number, to: number): string => {
    const items = Array.from(
      { length: to - from },
      (_, i) => `{iov_base=${at(from + i)}, iov_len=${bytes}}`,
    );
    return `[${items.join(", ")}]`;
  };
  const advise = (advice: string, from: number, to: number): string =>
    `process_madvise($fd, ${ranges(from, to)}, ${to - from}, ${advice}, 0)`;
  const vectors = (advice: string): readonly string[] => {
    const lines: string[] = [];
    for (let from = 0; from < areas; from += vector) {
      const to = Math.min(from + vector, areas);
      lines.push(`manager  ${advise(advice, from, to)} = ${(to - from) * bytes}`);
    }
    return lines;
  };
  return [
    "# A zygote maps memory and forks an app.",
    "zygote   spawn({uid=1000})",
    `zygote   mmap(NULL, ${areas * bytes}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = $heap`,
    "zygote   fork() = $app",
    "# The app writes all of it, and makes every other stretch read-only: that is one area a stretch.",
    `$app     touch($heap, ${areas * bytes})`,
    ...Array.from(
      { length: areas / 2 },
      (_, i) => `$app     mprotect(${at(2 * i + 1)}, ${bytes}, PROT_READ) = 0`,
    ),
    "# A manager of the same user, with CAP_SYS_NICE, advises the app through a pidfd.",
    "manager  spawn({uid=1000, caps=[CAP_SYS_NICE]})",
    "manager  pidfd_open($app, 0) = $fd",
    "# By single calls.",
    ...Array.from(
      { length: areas },
      (_, i) => `manager  ${advise("MADV_COLD", i, i + 1)} = ${bytes}`,
    ),
    "# The app reads all of it again; then the same by vectors.",
    `$app     touch($heap, ${areas * bytes}, read)`,
    ...vectors("MADV_COLD"),
    ...vectors("MADV_PAGEOUT"),
    "# A vector holds at most 1024 ranges.",
    `manager  ${advise("MADV_COLD", 0, areas)} = -1 EINVAL`,
    "# The same user without the capability (the proposal let it); another user with it.",
    "guest    spawn({uid=1000})",
    "guest    pidfd_open($app, 0) = $gfd",
    `guest    process_madvise($gfd, [{iov_base=$heap, iov_len=${bytes}}], 1, MADV_COLD, 0) = ?`,
    "stranger spawn({uid=2000, caps=[CAP_SYS_NICE]})",
    "stranger pidfd_open($app, 0) = $sfd",
    `stranger process_madvise($sfd, [{iov_base=$heap, iov_len=${bytes}}], 1, MADV_COLD, 0) = -1 EACCES`,
    "",
  ].join("\n");
}
