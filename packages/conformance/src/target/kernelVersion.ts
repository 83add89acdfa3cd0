/**
 * The version that a pair of uname strings means. Debian's `uname -r` says 5.10.0-32 and means
 * 5.10.223, which stands in `uname -v`.
 */
export function kernelVersion(release: string, version: string): string | undefined {
  const debian = /\bDebian (\d+\.\d+\.\d+)/.exec(version);
  if (debian !== null) return debian[1];
  return /^(\d+\.\d+\.\d+|\d+\.\d+)/.exec(release)?.[1];
}
