import { Kernel } from "@kadvise/kernel";
import type { Profile } from "@kadvise/releases";
import { must } from "@kadvise/uapi";

const PAGE_BYTES = 4096;

/**
 * The checks of a call that nothing refuses, in the order of a release: root advises a page of its
 * own, or of another process. What a refused call did not reach is told from this.
 */
export function wholeOrder(
  profile: Profile,
  call: "madvise" | "process_madvise",
  whose: "own" | "other",
): readonly string[] {
  const kernel = new Kernel({ profile });
  const caller = kernel.spawn({ uid: 0 });
  const target = whose === "own" ? caller : kernel.spawn({ uid: 1000 });
  const base = must(target.mmap({ length: PAGE_BYTES }));
  const pidfd = must(caller.pidfdOpen(target.pid));
  const { checks } = kernel.explain(() =>
    call === "madvise"
      ? caller.madvise(base, PAGE_BYTES, "MADV_COLD")
      : caller.processMadvise(pidfd, [{ base, length: PAGE_BYTES }], "MADV_COLD"),
  );
  return [...new Set(checks.map(({ id }) => id))];
}

/** Those of an order that come behind what was checked. */
export function behind(order: readonly string[], checked: ReadonlySet<string>): readonly string[] {
  let last = -1;
  for (const [i, id] of order.entries()) if (checked.has(id)) last = i;
  return order.slice(last + 1);
}
