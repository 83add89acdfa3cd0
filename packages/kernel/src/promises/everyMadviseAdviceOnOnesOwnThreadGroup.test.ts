import { CLONE, MADV, must, SIG, type AdviceName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Process } from "../index.ts";
import { PAGE, pages, PROFILES, scene, since, why, type Scene } from "../testing/scene.ts";

const EVERY = Object.keys(MADV) as readonly AdviceName[];
const THREAD = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;

/** What one may give to oneself; before 6.13 no more than to others. Sheet 2.2. */
const OWN = since<readonly AdviceName[] | "every">({
  seed: "every",
  "5.10.0": ["MADV_COLD", "MADV_PAGEOUT"],
  "5.15": ["MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED"],
  "6.1": ["MADV_COLD", "MADV_PAGEOUT", "MADV_WILLNEED", "MADV_COLLAPSE"],
  "6.13": "every",
});
const UNRESTRICTED = PROFILES.filter((name) => OWN[name] === "every");

/** Both calls on the same state: what they answer and what they leave behind. */
function both(set: Scene, process: Process, advice: AdviceName, at: bigint): readonly unknown[] {
  const { kernel, own } = set;
  const state = (): unknown => [process.maps(), pages(process, set.heap, 16)];
  const length = 2 * PAGE;
  const bySingle = kernel.attempt(() => {
    const answer = process.madvise(at, length, advice);
    return [answer.ok ? length : answer.reason.id, state()];
  });
  const byVector = kernel.attempt(() => {
    const answer = why(process.processMadvise(own, [{ base: at, length }], advice));
    return [answer, state()];
  });
  return [bySingle, byVector];
}

describe.each(UNRESTRICTED)("every madvise advice on one's own thread group on %s", (release) => {
  test.each(EVERY)("%s answers and acts as madvise does", (advice) => {
    const set = scene(release);
    const [bySingle, byVector] = both(set, set.manager, advice, set.heap + BigInt(4 * PAGE));
    expect(byVector).toEqual(bySingle);
  });

  test("another thread of the group may do it, with a pidfd of the process", () => {
    const { kernel, manager, heap, own } = scene(release, { pages: 2 });
    const thread = must(manager.clone(THREAD | CLONE.CLONE_FILES));
    const ranges = [{ base: heap, length: PAGE }];
    expect(must(thread.processMadvise(own, ranges, "MADV_DONTNEED"))).toBe(PAGE);
    expect(pages(manager, heap, 2)).toBe("-u");
    expect(kernel.find(thread.pid)?.pid).toBe(thread.pid);
  });
});

test.each(PROFILES)("what one may give to oneself on %s", (release) => {
  const { manager, own } = scene(release);
  const passed = EVERY.filter((advice) => manager.processMadvise(own, [], advice).ok);
  const listed = OWN[release];
  expect(passed).toEqual(EVERY.filter((name) => listed === "every" || listed.includes(name)));
});

/** Sheet 2.1: an advice that nobody knows, for nothing at all. */
const UNKNOWN_FOR_NOTHING = {
  ...since<number | string>({
    seed: 0,
    "5.10.0": "process_madvise/advice-not-allowed",
    "6.13": 0,
    "7.3": "process_madvise/unknown-advice",
  }),
  "7.1": 0,
  "7.2": "process_madvise/unknown-advice",
};

test.each(Object.entries(UNKNOWN_FOR_NOTHING))(
  "an unknown advice for no range at all on %s: %s",
  (release, expected) => {
    const { manager, heap, own } = scene(release);
    expect(why(manager.processMadvise(own, [], 9999))).toBe(expected);
    expect(why(manager.processMadvise(own, [{ base: heap, length: 0 }], 9999))).toBe(expected);
    const real = manager.processMadvise(own, [{ base: heap, length: PAGE }], 9999);
    expect(real).toMatchObject({ ok: false, code: "EINVAL" });
  },
);

/**
 * Who is "oneself": the proposal's text says the thread group, its code and 6.13 compare address
 * spaces. A process that shares the memory and is no thread (CLONE_VM alone, vfork) tells them
 * apart. Sheet F19.
 */
const PEER = since<number | string>({
  seed: "process_madvise/advice-not-allowed-remote",
  "seed-code": PAGE,
  "5.10.0": "process_madvise/advice-not-allowed",
  "6.13": PAGE,
});

/** Sheet, cases D24: whoever shares the memory needs no access, whatever ids either has. */
test.each(PROFILES)("a peer of other ids that nobody may trace, on %s", (release) => {
  const { manager, heap } = scene(release);
  const peer = must(manager.clone(CLONE.CLONE_VM | SIG.SIGCHLD));
  const pidfd = must(manager.pidfdOpen(peer.pid));
  must(peer.prctl("PR_SET_DUMPABLE", 0));
  must(manager.setresuid(1000, 1000, 1000));
  const nice = since<number | string>({
    seed: PAGE,
    "5.10": "process_madvise/needs-cap-sys-nice",
    "6.12": PAGE,
  });
  const ranges = [{ base: heap, length: PAGE }];
  expect(why(manager.processMadvise(pidfd, ranges, "MADV_COLD"))).toBe(nice[release]);
});

test.each(PROFILES)("a process that shares the memory and is no thread, on %s", (release) => {
  const { manager, heap } = scene(release);
  const peer = must(manager.clone(CLONE.CLONE_VM | SIG.SIGCHLD));
  const pidfd = must(manager.pidfdOpen(peer.pid));
  const ranges = [{ base: heap, length: PAGE }];
  expect(why(manager.processMadvise(pidfd, ranges, "MADV_DONTNEED"))).toBe(PEER[release]);
  expect(pages(peer, heap, 1)).toBe(PEER[release] === PAGE ? "-" : "u");
});
