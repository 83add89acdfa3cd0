import { quietPorts, type Choices, type Ports } from "@kadvise/ports";
import { profile, USUAL_SETTINGS, type Settings } from "@kadvise/releases";
import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import { AddressSpace } from "./addressSpace.ts";
import { noting } from "./testing/noting.ts";
import { areasOf, opened, space } from "./testing/world.ts";
import { violations } from "./testing/invariants.ts";

const B = 0x10_0000;
const PRIVATE = 0x32;
const SHARED = 0x31;
const LIMIT = 10_000;
const USER: Actor = { ...OMNIPOTENT, capable: () => false };

/** Mode 2 of a machine that promises 10,000 pages, and keeps none to itself. */
function strict(release = "6.12", more: Partial<Settings> = {}, ports?: Ports): AddressSpace {
  const settings: Settings = {
    ...USUAL_SETTINGS,
    ...{ overcommit: 2, commitPages: 0, commitLimitPages: LIMIT, committedPages: 0 },
    ...{ adminReservePages: 0, userReservePages: 0 },
    ...more,
  };
  const features = profile(release).mm;
  return new AddressSpace({ features, settings, ...(ports === undefined ? {} : { ports }) });
}

const map = (mm: AddressSpace, at: number, pages: number, prot = "rw", flags = PRIVATE): boolean =>
  mm.map({ at: B + at, pages, prot, flags }).ok;
const committed = (mm: AddressSpace): number => mm.memory.committedPages;

describe("what is promised", () => {
  test.each([
    ["private memory that may be written", "rw", PRIVATE, 10],
    ["memory that may only be read", "r", PRIVATE, 0],
    ["shared anonymous memory, whoever may write it", "r", SHARED, 10],
    ["what asks for no reserve", "rw", PRIVATE | MAP.MAP_NORESERVE, 0],
    ["shared memory that asks for none", "rw", SHARED | MAP.MAP_NORESERVE, 0],
  ])("%s (%s, %i): %i of 10 pages", (_, prot, flags, pages) => {
    const mm = space();
    const before = committed(mm);
    map(mm, 0, 10, prot, flags);
    expect(committed(mm) - before).toBe(pages);
    must(mm.unmap(B, 10));
    expect(committed(mm)).toBe(before);
  });

  test("mode 2 promises also what asks for no reserve", () => {
    const mm = strict();
    map(mm, 0, 10, "rw", PRIVATE | MAP.MAP_NORESERVE);
    expect(committed(mm)).toBe(10);
  });

  test("follows mprotect, mremap, brk and fork", () => {
    const mm = strict();
    mm.startBreak = mm.break = 0x1000_0000;
    const steps: (() => unknown)[] = [
      () => map(mm, 0, 10, "r"),
      () => mm.protect(B, 4, "rw"),
      () => mm.remap({ page: B, oldPages: 4, newPages: 8, flags: 1, target: 0 }),
      () => mm.setBreak(0x1000_3000),
      () => mm.fork(),
      () => mm.setBreak(0x1000_0000),
      () => mm.tearDown(),
    ];
    const counts = steps.map((step) => (step(), committed(mm)));
    expect(counts).toEqual([0, 4, 8, 11, 22, 19, 11]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("a memory file page by page; shared memory as a whole, until the last who shows it goes", () => {
    const mm = strict();
    const memfd = opened({ kind: "shmem", sizeBytes: 4 * 4096 });
    const at = must(mm.map({ pages: 4, prot: "rw", flags: 1, backing: memfd }));
    must(mm.touch(at));
    expect(committed(mm)).toBe(1);
    map(mm, 0, 10, "rw", SHARED);
    must(mm.touch(B));
    const child = mm.fork();
    must(mm.unmap(B, 10));
    must(child.unmap(B + 2, 8));
    expect([committed(mm), must(child.read(B, 1))]).toEqual([11, Uint8Array.of(0)]);
    const frames = mm.memory.frames.inUse;
    must(child.unmap(B, 2));
    expect([committed(mm), frames - mm.memory.frames.inUse]).toEqual([1, 1]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("is taken back with the call", () => {
    const mm = strict();
    map(mm, 0, 10, "rw", SHARED);
    mm.attempt(() => {
      must(mm.unmap(B, 10));
      map(mm, 0, 100, "rw", SHARED);
      mm.fork();
    });
    expect(committed(mm)).toBe(10);
    must(mm.unmap(B, 10));
    expect(committed(mm)).toBe(0);
  });
});

describe("mode 2 refuses", () => {
  const atLimit = (): AddressSpace => {
    const mm = strict();
    map(mm, 0, 6000);
    map(mm, 8000, 3000, "r");
    return mm;
  };

  test.each([
    ["a new mapping", (mm: AddressSpace) => map(mm, 20_000, 4100)],
    ["shared memory", (mm: AddressSpace) => map(mm, 20_000, 4100, "rw", SHARED)],
    [
      "a growth",
      (mm) => mm.remap({ page: B, oldPages: 9, newPages: 4200, flags: 1, target: 0 }).ok,
    ],
    ["a child", (mm) => mm.mayFork().ok],
  ] as [string, (mm: AddressSpace) => boolean][])("%s", (_, call) => {
    expect(call(atLimit())).toBe(false);
    const roomy = atLimit();
    must(roomy.unmap(B + 2000, 4000));
    expect(call(roomy)).toBe(true);
  });

  test("the right to write, and leaves the area as it was", () => {
    const mm = atLimit();
    map(mm, 20_000, 3000);
    expect(mm.protect(B + 8000, 3000, "rw")).toMatchObject({ code: "ENOMEM" });
    expect(areasOf(mm, B)).toBe("0-6000 rw, 8000-11000 r, 20000-23000 rw");
    expect(mm.protect(B + 8000, 500, "rw").ok).toBe(true);
  });

  test("a stack to grow", () => {
    const mm = atLimit();
    map(mm, 40_000, 1, "rw", PRIVATE | MAP.MAP_GROWSDOWN);
    expect([mm.touch(B + 40_000 - 4100).ok, mm.touch(B + 40_000 - 3000).ok]).toEqual([false, true]);
  });

  test("nothing that replaces as much", () => {
    const mm = atLimit();
    expect([map(mm, 0, 6000), map(mm, 0, 9000)]).toEqual([true, true]);
    expect(map(mm, 0, 11_000)).toBe(false);
  });

  test.each([
    ["6.1", PRIVATE, "2-4 rw"],
    ["6.12", PRIVATE, "0-2 rw, 2-4 rw"],
    ["6.12", SHARED, "2-4 rw"],
  ])("on %s what a refused MAP_FIXED (%i) was to replace: %s stays", (release, flags, left) => {
    const mm = strict(release);
    map(mm, 0, 4);
    map(mm, -20_000, 2);
    const answer = mm.map({ at: B - 15_000, pages: 15_002, prot: "rw", flags });
    expect([answer.ok, areasOf(mm, B)]).toEqual([false, `-20000--19998 rw, ${left}`]);
  });

  test("a reserve is kept for root, another for those beside a large process", () => {
    const user = strict("6.12", { adminReservePages: 4000 });
    const ask = (actor: Actor): boolean =>
      user.attempt(() => user.map({ pages: 7000, prot: "rw" }, actor)).ok;
    expect([ask(USER), ask(OMNIPOTENT)]).toEqual([false, true]);

    const large = strict("6.12", { userReservePages: 500 });
    map(large, 0, 320_000, "r");
    const seen = [9400, 9600].map((pages) => large.attempt(() => map(large, 400_000, pages)));
    expect(seen).toEqual([true, false]);
  });

  test("near the limit either way: processors keep some of the count to themselves", () => {
    const asks: string[] = [];
    const choices: Choices = {
      choose: ({ id, usual }) => {
        asks.push(id);
        return usual;
      },
    };
    const mm = strict("6.12", {}, { ...quietPorts(), choices });
    expect([map(mm, 0, LIMIT - 33), map(mm, 20_000, 33), map(mm, 20_000, 32)]).toEqual([
      ...[true, false, true],
    ]);
    expect(asks).toEqual(["mm/commit-lag", "mm/commit-lag"]);
  });
});

test("mode 1 promises everything, mode 0 all that the machine could ever hold at once", () => {
  const ask = (overcommit: 0 | 1, pages: number): boolean =>
    map(space("6.12", { overcommit, commitPages: 2 ** 19 }), 0, pages);
  expect([ask(0, 2 ** 19), ask(0, 2 ** 19 + 1), ask(1, 2 ** 30)]).toEqual([true, false, true]);
});

test("where promises are not counted a fork needs none, and where they are, only for what is promised", () => {
  const forked = (overcommit: 0 | 1 | 2, prot: string): string => {
    const mm = space("6.12", {
      overcommit,
      commitLimitPages: 10,
      commitPages: 100,
      committedPages: 0,
    });
    must(mm.map({ at: 0x1000, pages: 9, prot, flags: PRIVATE | MAP.MAP_FIXED }, OMNIPOTENT));
    mm.memory.settings.state("commitLimitPages", 4);
    const answer = mm.mayFork(USER);
    return answer.ok ? "ok" : answer.reason.id;
  };
  expect([forked(0, "rw"), forked(1, "rw")]).toEqual(["ok", "ok"]);
  expect([forked(2, "r")]).toEqual(["ok"]);
});

test("mode 2 keeps back for others a 32nd of what a process has mapped, as far as it is told to", () => {
  const most = (mapped: number, userReservePages: number): number => {
    const mm = new AddressSpace({
      memory: strict("6.12", {
        ...{ commitPages: 100, commitLimitPages: 5000, adminReservePages: 0, userReservePages },
      }).memory,
    });
    must(mm.map({ at: 0x9000, pages: mapped, prot: "r", flags: PRIVATE | MAP.MAP_FIXED }));
    let pages = 5000;
    while (
      !mm.attempt(() => mm.map({ at: 0x100000, pages, prot: "rw", flags: PRIVATE | MAP.MAP_FIXED }))
        .ok
    )
      pages--;
    return pages;
  };
  expect([most(3200, 1000), most(3200, 50), most(3231, 1000), most(3232, 1000)]).toEqual([
    ...[4899, 4949, 4899, 4898],
  ]);
});

test("what MAP_FIXED replaces is given back before it is asked for, from 6.12 on", () => {
  const asked = (release: string, pages: number, replaced: number, flags = PRIVATE): boolean => {
    const mm = space(release, { overcommit: 0, commitPages: 2 ** 19 });
    const at = 0x10_0000;
    must(mm.map({ at, pages: replaced, prot: "rw", flags: flags | MAP.MAP_FIXED }));
    return mm.map({ at, pages, prot: "rw", flags: flags | MAP.MAP_FIXED }).ok;
  };
  const most = 2 ** 19;
  expect([asked("6.1", most, 9), asked("6.1", most + 1, 9)]).toEqual([true, false]);
  expect([asked("6.12", most + 9, 9), asked("6.12", most + 10, 9)]).toEqual([true, false]);
  // Of shared memory all is asked for, still.
  expect([asked("6.12", most, 9, SHARED), asked("6.12", most + 1, 9, SHARED)]).toEqual([
    true,
    false,
  ]);
});

test("near the limit the count lags behind by a 256th of all memory, and by 32 pages at least", () => {
  const isOpen = (promised: number, commitPages: number): boolean => {
    const asked: string[] = [];
    const choices: Choices = {
      choose(question) {
        asked.push(question.id);
        return question.usual;
      },
    };
    const mm = strict("6.12", { commitPages }, { ...quietPorts(), choices });
    mm.map({ at: 0x9000, pages: promised, prot: "rw", flags: PRIVATE | MAP.MAP_FIXED });
    return asked.includes("mm/commit-lag");
  };
  expect(
    [LIMIT - 33, LIMIT - 32, LIMIT + 32, LIMIT + 33].map((pages) => isOpen(pages, 256)),
  ).toEqual([...[false, true, true, false]]);
  const of = (by: number): boolean => isOpen(LIMIT + by, 256 * 1000);
  expect([of(-1001), of(-1000), of(1000), of(1001)]).toEqual([false, true, true, false]);
});

test("how much memory there is, is asked only where a recorded machine did not say", () => {
  const asks = (commitPages: number, isUnseen: boolean): number => {
    const mm = space("6.12", { overcommit: 0, commitPages });
    mm.touchedUnseen = isUnseen;
    const asked = noting(mm);
    must(mm.map({ pages: 2 ** 18 + 1, prot: "rw" }));
    return asked.length;
  };
  const none = Number.POSITIVE_INFINITY;
  expect([asks(none, true), asks(none, false), asks(2 ** 20, true), asks(2 ** 20, false)]).toEqual([
    ...[1, 0, 0, 0],
  ]);
});
