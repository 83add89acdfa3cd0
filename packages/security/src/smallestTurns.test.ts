import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { ExecState } from "./execState.ts";
import type { PtraceMode } from "./policy.ts";
import { commoncap } from "./policies/commoncap.ts";
import { yama } from "./policies/yama.ts";
import { smallestChanges, type Turn } from "./smallestChanges.ts";
import type { Subject } from "./subject.ts";
import { task } from "./testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

const FS = "PTRACE_MODE_ATTACH_FSCREDS";
const REAL = "PTRACE_MODE_ATTACH_REALCREDS";

/** What would let one task attach to another. */
function turns(
  access: AccessControl,
  caller: Subject,
  target: Subject,
  mode: PtraceMode = FS,
): Turn[][] {
  return smallestChanges({
    access,
    caller,
    target,
    usesFsIds: mode === FS,
    isAllowed: () => access.ptraceAccess({ caller, target, mode }).ok,
  });
}

const ids = (found: readonly Turn[][]): string[] =>
  found.map((set) => set.map(({ id }) => id).join(" + "));

describe("the changes that would let somebody in", () => {
  test("are none where he is let in", () => {
    expect(turns(new AccessControl(), task({ uid: 5 }), task({ uid: 5 }))).toEqual([]);
  });

  test("are none where nothing that is tried is enough", () => {
    const found = smallestChanges({
      access: new AccessControl(),
      caller: task({ uid: 5 }),
      target: task({ uid: 5 }),
      usesFsIds: true,
      isAllowed: () => false,
    });
    expect(found).toEqual([]);
  });

  test("are told by id and sentence, with what would have to be what", () => {
    const access = new AccessControl();
    const found = turns(access, task({ uid: 5, gid: 6 }), task({ uid: 7, gid: 8 }));
    expect(found).toEqual([
      [{ id: "caller/ids", text: "the caller's fsuid is 7 and its fsgid 8" }],
      [
        {
          id: "caller/cap-sys-ptrace",
          text: "the caller has CAP_SYS_PTRACE, effective and permitted",
        },
      ],
    ]);
    const [[real]] = turns(access, task({ uid: 5, gid: 6 }), task({ uid: 7, gid: 8 }), REAL);
    expect(real.text).toBe("the caller's uid is 7 and its gid 8");
  });

  test("compare what is permitted with what is effective for fs ids, permitted for real ones", () => {
    const access = new AccessControl();
    const idle = (): Subject => task({ uid: 5, permitted: ["CAP_KILL"] });
    const target = task({ uid: 5, permitted: ["CAP_KILL", "CAP_BPF"] });
    const texts = (mode: PtraceMode): string[] =>
      turns(access, idle(), target, mode).flatMap((set) => set.map(({ text }) => text));
    expect(texts(FS).slice(1)).toEqual([
      "the caller has what the target is permitted: CAP_KILL, CAP_BPF",
      "the target gives up what the caller has not: CAP_KILL, CAP_BPF",
    ]);
    expect(texts(REAL).slice(1)).toEqual([
      "the caller has what the target is permitted: CAP_BPF",
      "the target gives up what the caller has not: CAP_BPF",
    ]);
  });

  test("are several where each refuses by itself: ids, the dumpable state, and Yama", () => {
    const access = new AccessControl({ policies: [commoncap(), yama({ scope: 1 })] });
    const closed = task({ uid: 7 }, { exec: new ExecState(0) });
    expect(ids(turns(access, task({ uid: 5 }), closed))).toEqual([
      "caller/cap-sys-ptrace",
      "caller/ids + target/dumpable + policy/yama",
    ]);
  });

  test.each(["saved-bit", "exec-state"] as const)(
    "take a dead target's dumpable state as the kernel does: %s",
    (deadTaskDumpable) => {
      const access = new AccessControl({ features: { deadTaskDumpable } });
      const zombie = task({ uid: 5 }, { exec: new ExecState(0), hasMemory: false });
      expect(ids(turns(access, task({ uid: 5 }), zombie))).toEqual([
        "caller/cap-sys-ptrace",
        "target/dumpable",
      ]);
    },
  );

  test("lead out of a user namespace, where whatever one has inside does not count", () => {
    const access = new AccessControl();
    const inside = new UserNamespace({ parent: initialUserNamespace, owner: 5, group: 5 });
    const caller = task({ uid: 5, capabilities: "all", userNamespace: inside });
    expect(ids(turns(access, caller, task({ uid: 5 })))).toEqual(["caller/user-namespace"]);
  });
});

test("a single capability stands for the set that holds it, together with the same other changes", () => {
  const access = new AccessControl({ policies: [commoncap(), yama({ scope: 2 })] });
  const caller = task({ uid: 5 });
  const target = task({ uid: 5, permitted: ["CAP_SYS_PTRACE", "CAP_KILL"] });
  expect(ids(turns(access, caller, target))).toEqual([
    "caller/cap-sys-ptrace",
    "target/capabilities + policy/yama",
  ]);
});
