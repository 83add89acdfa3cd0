import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { PAGE, pages, PROFILES, said, scene, since, why } from "../testing/scene.ts";

describe.each(PROFILES)("local and external target on %s", (release) => {
  test("the pidfd decides whose memory is advised, though both have the same addresses", () => {
    const { kernel, manager, app, heap, own, other } = scene(release, { pages: 2 });
    const ranges = [{ base: heap, length: PAGE }];
    const after = (pidfd: number): readonly string[] =>
      kernel.attempt(() => {
        must(manager.processMadvise(pidfd, ranges, "MADV_PAGEOUT"));
        return [pages(manager, heap, 2), pages(app, heap, 2)];
      });
    expect(after(own)).toEqual(["su", "uu"]);
    expect(after(other)).toEqual(["uu", "su"]);
  });

  test("an address is the target's: what the caller has mapped there does not matter", () => {
    const { manager, app, heap, other } = scene(release, { pages: 2 });
    const ranges = [{ base: heap, length: 2 * PAGE }];
    must(manager.munmap(heap, 2 * PAGE));
    expect(said(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe(2 * PAGE);
    must(manager.mmap({ length: 2 * PAGE, address: heap }));
    must(app.munmap(heap, 2 * PAGE));
    expect(said(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe("ENOMEM");
  });

  test("parent and child, siblings, and two who never met are all targets", () => {
    const { manager, app, heap, other } = scene(release);
    const child = must(manager.fork());
    const grandchild = must(child.fork());
    const ranges = [{ base: heap, length: PAGE }];
    const advise = (target: number): number | string =>
      said(manager.processMadvise(must(manager.pidfdOpen(target)), ranges, "MADV_COLD"));
    expect([child.pid, grandchild.pid, app.pid].map(advise)).toEqual([PAGE, PAGE, PAGE]);
    expect(said(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe(PAGE);
    // Pidfds are inherited by fork, as every descriptor is.
    expect(said(child.processMadvise(other, ranges, "MADV_COLD"))).toBe(PAGE);
  });
});

/**
 * Sheet, F9: for one's own memory the proposal asks for nothing. From 5.10.24 on CAP_SYS_NICE was
 * asked even there, which 6.12 took back.
 */
const OWN_WITHOUT_NICE = since<number | string>({
  seed: PAGE,
  "5.10": "process_madvise/needs-cap-sys-nice",
  "6.12": PAGE,
});
/** For others it has been asked ever since. */
const OTHER_WITHOUT_NICE = since<number | string>({
  seed: PAGE,
  "5.10": "process_madvise/needs-cap-sys-nice",
  "6.12": "process_madvise/remote-needs-cap-sys-nice",
});

test.each(PROFILES)("who has no capability may advise whom on %s", (release) => {
  const { manager, heap, own, other } = scene(release, {
    manager: { uid: 1000 },
    app: { uid: 1000 },
  });
  const ranges = [{ base: heap, length: PAGE }];
  expect(why(manager.processMadvise(own, ranges, "MADV_COLD"))).toBe(OWN_WITHOUT_NICE[release]);
  expect(why(manager.processMadvise(other, ranges, "MADV_COLD"))).toBe(OTHER_WITHOUT_NICE[release]);
});
