import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import type { Subject } from "../subject.ts";
import { said, task } from "../testing/tasks.ts";
import { initialUserNamespace, type UserNamespace } from "../userNamespace.ts";
import { writeIdMap, writeSetgroups } from "./idMap.ts";
import { createUserNamespace } from "./userNamespace.ts";

const access = new AccessControl();

function inside(who: Parameters<typeof task>[0]): { one: Subject; namespace: UserNamespace } {
  const one = task(who);
  const made = createUserNamespace(access, one);
  if (!made.ok) throw new Error(made.reason.id);
  return { one, namespace: made.value };
}

const single = (inside: number, outside: number) => [{ inside, outside, count: 1 }];
const user = { uid: 1000 };
const mapper = { uid: 5, capabilities: ["CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"] } as const;

describe("a write to uid_map", () => {
  test("from inside maps one's own single id, under any name", () => {
    const { one, namespace } = inside(user);
    expect(said(writeIdMap(access, one, namespace, "uid", single(7, 1000)))).toBe("ok");
    expect(namespace.uidMap).toEqual([{ inside: 7, kernel: 1000, count: 1 }]);
  });

  test.each([
    ["somebody else's", single(0, 2000)],
    ["root's", single(0, 0)],
    ["two ids", [{ inside: 0, outside: 1000, count: 2 }]],
    ["two ranges", [...single(0, 1000), ...single(1, 1001)]],
  ])("of %s takes CAP_SETUID in the parent", (_, ranges) => {
    const { one, namespace } = inside(user);
    expect(said(writeIdMap(access, one, namespace, "uid", ranges))).toBe(
      "EPERM id_map/not-permitted",
    );
    expect(namespace.uidMap).toEqual([]);
  });

  test("happens once", () => {
    const { one, namespace } = inside(user);
    writeIdMap(access, one, namespace, "uid", single(0, 1000));
    expect(said(writeIdMap(access, one, namespace, "uid", single(0, 1000)))).toBe(
      "EPERM id_map/written-already",
    );
  });

  test("by a privileged writer in the parent maps whole ranges", () => {
    const { namespace } = inside(user);
    const ranges = [...single(0, 1000), { inside: 1, outside: 100_000, count: 65_536 }];
    const writer = task(mapper);
    expect(said(writeIdMap(access, writer, namespace, "uid", ranges))).toBe("ok");
    expect(namespace.uidMap[1]).toEqual({ inside: 1, kernel: 100_000, count: 65_536 });
  });

  test("takes CAP_SYS_ADMIN inside", () => {
    const { namespace } = inside(user);
    const writer = task({ uid: 5, capabilities: ["CAP_SETUID"] });
    expect(said(writeIdMap(access, writer, namespace, "uid", single(0, 1000)))).toBe(
      "EPERM id_map/writer-lacks-admin",
    );
  });

  test("is not taken from a namespace that is neither it nor its parent", () => {
    const { namespace } = inside(user);
    const { one: sibling } = inside(user);
    expect(said(writeIdMap(access, sibling, namespace, "uid", single(0, 1000)))).toBe(
      "EPERM id_map/writer-lacks-admin",
    );
  });

  // Linux: kernel/user_namespace.c proc_uid_map_write
  test("is not taken from two namespaces above, however privileged the writer", () => {
    const { one, namespace: outer } = inside({ uid: 0 });
    for (const kind of ["uid", "gid"] as const) {
      const whole = [{ inside: 0, outside: 0, count: 10 }];
      expect(said(writeIdMap(access, task({ uid: 0 }), outer, kind, whole))).toBe("ok");
    }
    const deep = createUserNamespace(access, one);
    if (!deep.ok) throw new Error(deep.reason.id);
    const root = task({ uid: 0 });
    expect(said(writeIdMap(access, root, deep.value, "uid", single(0, 0)))).toBe(
      "EPERM id_map/writer-lacks-admin",
    );
    // Of setgroups it is, asked on 6.18: there only the capability counts.
    expect(said(writeSetgroups(access, root, deep.value, "deny"))).toBe("ok");
  });

  test("is not taken for the initial namespace", () => {
    const answer = writeIdMap(access, task({ uid: 0 }), initialUserNamespace, "uid", single(0, 0));
    expect(said(answer)).toBe("EPERM id_map/written-already");
  });

  test.each([
    ["no range", []],
    ["an empty range", [{ inside: 0, outside: 0, count: 0 }]],
    ["a second range that is empty", [...single(0, 0), { inside: 1, outside: 1, count: 0 }]],
    ["the outside id -1", single(0, 4_294_967_295)],
    ["the inside id -1", single(4_294_967_295, 0)],
    [
      "ranges that overlap inside",
      [
        { inside: 0, outside: 0, count: 5 },
        { inside: 4, outside: 50, count: 1 },
      ],
    ],
    [
      "ranges that overlap outside",
      [
        { inside: 0, outside: 0, count: 5 },
        { inside: 10, outside: 4, count: 1 },
      ],
    ],
    ["a range that wraps around", [{ inside: 1, outside: 0, count: 4_294_967_295 }]],
    [
      "341 ranges",
      Array.from({ length: 341 }, (_, i) => ({ inside: i * 2, outside: i * 2, count: 1 })),
    ],
  ])("with %s is EINVAL", (_, ranges) => {
    const { namespace } = inside(user);
    expect(said(writeIdMap(access, task({ uid: 0 }), namespace, "uid", ranges))).toBe(
      "EINVAL id_map/ranges-invalid",
    );
  });

  test("takes 340 ranges, and ranges that touch", () => {
    const { namespace } = inside(user);
    const ranges = Array.from({ length: 340 }, (_, i) => ({ inside: i, outside: i + 5, count: 1 }));
    expect(said(writeIdMap(access, task({ uid: 0 }), namespace, "uid", ranges))).toBe("ok");
  });

  test("takes all ids at once, as the initial namespace has them", () => {
    const { namespace } = inside(user);
    const all = [{ inside: 0, outside: 0, count: 4_294_967_295 }];
    expect(said(writeIdMap(access, task({ uid: 0 }), namespace, "uid", all))).toBe("ok");
  });

  test("takes ranges in falling order, near each other and far", () => {
    const { namespace } = inside(user);
    const ranges = [
      { inside: 100, outside: 5000, count: 3 },
      { inside: 5, outside: 60, count: 5 },
      { inside: 4, outside: 50, count: 1 },
      { inside: 0, outside: 40, count: 4 },
    ];
    expect(said(writeIdMap(access, task({ uid: 0 }), namespace, "uid", ranges))).toBe("ok");
  });

  test("goes through the parent's own map, and is EPERM where that has a gap", () => {
    const outer = inside(user);
    writeIdMap(access, task({ uid: 0 }), outer.namespace, "uid", [
      { inside: 0, outside: 1000, count: 10 },
    ]);
    writeIdMap(access, task({ uid: 0 }), outer.namespace, "gid", [
      { inside: 0, outside: 1000, count: 10 },
    ]);
    const deep = createUserNamespace(access, outer.one);
    if (!deep.ok) throw new Error(deep.reason.id);
    const root = task({ uid: 1000, userNamespace: outer.namespace, capabilities: "all" });
    const tooFar = [{ inside: 0, outside: 8, count: 3 }];
    expect(said(writeIdMap(access, root, deep.value, "uid", tooFar))).toBe(
      "EPERM id_map/parent-unmapped",
    );
    const fits = [{ inside: 0, outside: 7, count: 3 }];
    expect(said(writeIdMap(access, root, deep.value, "uid", fits))).toBe("ok");
    expect(deep.value.uidMap).toEqual([{ inside: 0, kernel: 1007, count: 3 }]);
  });

  test.each([
    [true, "EPERM id_map/not-permitted"],
    [false, "ok"],
  ])(
    "of the parent's root from inside, by a creator without CAP_SETFCAP: kernel asks %s",
    (rootMapNeedsSetfcap, verdict) => {
      const kernel = new AccessControl({ features: { rootMapNeedsSetfcap } });
      const { one, namespace } = inside({ uid: 0, effective: "none" });
      expect(said(writeIdMap(kernel, one, namespace, "uid", single(0, 0)))).toBe(verdict);
      const rich = inside({ uid: 0 });
      expect(said(writeIdMap(kernel, rich.one, rich.namespace, "uid", single(0, 0)))).toBe("ok");
    },
  );

  test("of the parent's root from the parent takes the writer's CAP_SETFCAP", () => {
    const writers = [
      task({ uid: 0 }),
      task({ uid: 0, effective: ["CAP_SETUID", "CAP_SYS_ADMIN"] }),
    ];
    for (const ranges of [single(0, 0), [...single(0, 1000), ...single(1, 0)]]) {
      const verdicts = writers.map((writer) =>
        said(writeIdMap(access, writer, inside(user).namespace, "uid", ranges)),
      );
      expect(verdicts).toEqual(["ok", "EPERM id_map/not-permitted"]);
    }
  });

  test("is taken back with an attempt", () => {
    const { one, namespace } = inside(user);
    access.ports.journal.attempt(() => writeIdMap(access, one, namespace, "uid", single(0, 1000)));
    expect(namespace.uidMap).toEqual([]);
  });
});

describe("a write to gid_map", () => {
  test("from inside wants setgroups denied first, so that nobody drops a group that denies", () => {
    const { one, namespace } = inside(user);
    expect(said(writeIdMap(access, one, namespace, "gid", single(0, 1000)))).toBe(
      "EPERM id_map/not-permitted",
    );
    expect(said(writeSetgroups(access, one, namespace, "deny"))).toBe("ok");
    expect(said(writeIdMap(access, one, namespace, "gid", single(0, 1000)))).toBe("ok");
  });

  test("by a privileged writer does not", () => {
    const { namespace } = inside(user);
    expect(said(writeIdMap(access, task(mapper), namespace, "gid", single(0, 1000)))).toBe("ok");
    expect(namespace.allowsSetgroups).toBe(true);
  });
});

// Linux: kernel/user_namespace.c new_idmap_permitted, cap_setid
describe("what a write of more than one's own id takes in the parent", () => {
  const [SETUID, SETGID, ADMIN] = ["CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"] as const;
  test.each([
    ["uid", SETUID, "ok"],
    ["uid", SETGID, "EPERM id_map/not-permitted"],
    ["gid", SETUID, "EPERM id_map/not-permitted"],
    ["gid", SETGID, "ok"],
  ] as const)("for a %s_map by who has %s: %s", (kind, capability, verdict) => {
    const { namespace } = inside(user);
    const writer = task({ uid: 5, capabilities: [capability, ADMIN] });
    const ranges = [{ inside: 0, outside: 1000, count: 2 }];
    expect(said(writeIdMap(access, writer, namespace, kind, ranges))).toBe(verdict);
  });

  test("a group that has one's own user id as its number is not one's own group", () => {
    const { one, namespace } = inside({ uid: 1000, gid: 2000 });
    expect(said(writeIdMap(access, one, namespace, "gid", single(0, 1000)))).toBe(
      "EPERM id_map/not-permitted",
    );
    writeSetgroups(access, one, namespace, "deny");
    expect(said(writeIdMap(access, one, namespace, "gid", single(0, 1000)))).toBe(
      "EPERM id_map/not-permitted",
    );
    expect(said(writeIdMap(access, one, namespace, "gid", single(0, 2000)))).toBe("ok");
  });
});

describe("a write to setgroups", () => {
  test("denies before there is a group map, and not after", () => {
    const { one, namespace } = inside(user);
    writeIdMap(access, task(mapper), namespace, "gid", single(0, 1000));
    expect(said(writeSetgroups(access, one, namespace, "deny"))).toBe(
      "EPERM id_map/setgroups-fixed",
    );
  });

  test("does not allow again what was denied", () => {
    const { one, namespace } = inside(user);
    expect(said(writeSetgroups(access, one, namespace, "allow"))).toBe("ok");
    expect(said(writeSetgroups(access, one, namespace, "deny"))).toBe("ok");
    expect(said(writeSetgroups(access, one, namespace, "deny"))).toBe("ok");
    expect(said(writeSetgroups(access, one, namespace, "allow"))).toBe(
      "EPERM id_map/setgroups-fixed",
    );
  });

  test("takes CAP_SYS_ADMIN inside", () => {
    const { namespace } = inside(user);
    expect(said(writeSetgroups(access, task({ uid: 7 }), namespace, "deny"))).toBe(
      "EPERM id_map/writer-lacks-admin",
    );
  });
});
