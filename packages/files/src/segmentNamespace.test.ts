import { Journal } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { SegmentNamespace } from "./segmentNamespace.ts";
import { SharedSegment } from "./sharedSegment.ts";

const journal = new Journal();

function added(namespace: SegmentNamespace, key = 0): SharedSegment {
  const id = namespace.nextId();
  const who = { uid: 1, gid: 2, maker: 3 };
  const segment = new SharedSegment({ id, key, sizeBytes: 4096, mode: 0o600, ...who });
  namespace.add(journal, segment);
  return segment;
}

// packages/conformance/facts/shm-numbers, and ipc/util.c ipc_idr_alloc for what lies beyond.
describe("numbers of segments", () => {
  test("count up from 0, whatever was removed", () => {
    const namespace = new SegmentNamespace();
    expect(added(namespace).id).toBe(0);
    added(namespace).remove(journal);
    expect(added(namespace).id).toBe(2);
  });

  test("begin again with the lowest free place behind the 64th, and say that they did", () => {
    const namespace = new SegmentNamespace();
    const kept = [added(namespace), added(namespace)];
    for (let i = 2; i < 64; i++) added(namespace).remove(journal);
    expect(added(namespace).id).toBe(32_768 + 2);
    kept[0].remove(journal);
    expect(added(namespace).id).toBe(32_768 + 3);
    expect([namespace.get(0), namespace.get(1)]).toEqual([undefined, kept[1]]);
  });

  test("go further where more live", () => {
    const namespace = new SegmentNamespace();
    const ids = Array.from({ length: 70 }, () => added(namespace).id);
    expect(ids).toEqual(Array.from({ length: 70 }, (_, i) => i));
  });

  test("are as they were behind an attempt to make one", () => {
    const namespace = new SegmentNamespace();
    const removed = added(namespace);
    journal.attempt(() => {
      removed.remove(journal);
      added(namespace);
      expect(namespace.living()).toHaveLength(1);
    });
    expect([namespace.get(0), namespace.nextId(), namespace.get(1)]).toEqual([
      removed,
      1,
      undefined,
    ]);
  });
});

test("a key leads to a segment until it is removed, its number while it is shown", () => {
  const namespace = new SegmentNamespace();
  const segment = added(namespace, 0x1234);
  expect(namespace.find(0x1234)).toBe(segment);
  segment.mappings = 1;
  segment.remove(journal);
  expect([namespace.find(0x1234), namespace.get(segment.id)]).toEqual([undefined, segment]);
  segment.mappings = 0;
  expect([namespace.get(segment.id), namespace.living()]).toEqual([undefined, []]);
});

test("the mode tells what is to become of a segment", () => {
  const segment = added(new SegmentNamespace());
  expect(segment.shownMode).toBe(0o600);
  segment.lock(journal, 7);
  expect([segment.shownMode, segment.unevictable]).toEqual([0o2600, true]);
  journal.attempt(() => segment.lock(journal, undefined));
  segment.remove(journal);
  expect([segment.shownMode, segment.outlivesMappings]).toEqual([0o3600, false]);
});

test("a new owner does not become its maker", () => {
  const segment = added(new SegmentNamespace());
  segment.own(journal, { uid: 8, gid: 9, mode: 0o640 });
  const { uid, gid, makerUid, makerGid, mode } = segment;
  expect([uid, gid, makerUid, makerGid, mode]).toEqual([8, 9, 1, 2, 0o640]);
});
