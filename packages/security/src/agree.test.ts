import { expect, test } from "vitest";
import { agreedCredentials } from "./agree.ts";
import {
  ALL_CAPABILITIES,
  capabilityNames,
  capabilitySet,
  NO_CAPABILITIES,
  without,
} from "./capabilitySet.ts";
import {
  NOTHING_OPEN,
  changed,
  credentials,
  unknownCredentials,
  type Credentials,
} from "./credentials.ts";

import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

const nice = capabilitySet(["CAP_SYS_NICE"]);
const kill = capabilitySet(["CAP_KILL"]);
const stranger = unknownCredentials({ whose: "process 178", sameIds: true });

/** The stranger of whom it is known what is in effect, and what of that is open. */
function having(effective: typeof nice, open: typeof nice): Credentials {
  return changed(stranger, {
    effective,
    unknown: { ...stranger.unknown!, open: { ...stranger.unknown!.open, effective: open } },
  });
}

test("what all have, or all lack, stays known", () => {
  const rest = without(without(ALL_CAPABILITIES, nice), kill);
  const both = agreedCredentials([having(nice, rest), having(nice, rest)]);
  expect(both?.effective).toEqual(nice);
  expect(both?.unknown?.open.effective).toEqual(rest);
});

test("what they do not all have is open, as is what is open for one of them", () => {
  const [one, other] = [having(nice, NO_CAPABILITIES), having(kill, NO_CAPABILITIES)];
  const agreed = agreedCredentials([one, other])!;
  expect(capabilityNames(agreed.effective)).toEqual([]);
  expect(capabilityNames(agreed.unknown!.open.effective)).toEqual(["CAP_KILL", "CAP_SYS_NICE"]);
  const third = agreedCredentials([one, having(nice, kill)])!;
  expect(capabilityNames(third.effective)).toEqual(["CAP_SYS_NICE"]);
  expect(capabilityNames(third.unknown!.open.effective)).toEqual(["CAP_KILL"]);
  expect(third.unknown?.whose).toBe("process 178");
});

test("of two that are known and have not the same, it is open what they have", () => {
  const [rich, poor] = [credentials({ uid: 1, effective: ["CAP_KILL"] }), credentials({ uid: 1 })];
  for (const versions of [
    [rich, poor],
    [poor, rich],
  ]) {
    const agreed = agreedCredentials(versions)!;
    expect(capabilityNames(agreed.effective)).toEqual([]);
    expect(agreed.unknown).toEqual({
      whose: "the process",
      open: { ...NOTHING_OPEN, effective: kill },
      groups: false,
      notIds: [],
    });
  }
});

test("whose they are is told by whichever says so, and groups are open that are for one", () => {
  const known = credentials({ uid: 1 });
  const told = changed(known, {
    unknown: { whose: "process 7", open: NOTHING_OPEN, groups: true, notIds: [] },
  });
  for (const versions of [
    [known, told],
    [told, known],
  ]) {
    const { unknown } = agreedCredentials(versions)!;
    expect([unknown?.whose, unknown?.groups]).toEqual(["process 7", true]);
  }
});

test("what an id was found not to be is forgotten", () => {
  const ruledOut = changed(stranger, {
    unknown: { ...stranger.unknown!, notIds: [{ unknown: stranger.uid, id: 5 }] },
  });
  expect(agreedCredentials([ruledOut, ruledOut])?.unknown?.notIds).toEqual([]);
});

test("that the sets are one is kept where all say so", () => {
  const even = changed(stranger, { unknown: { ...stranger.unknown!, evenSets: true } });
  expect(agreedCredentials([even, even])?.unknown?.evenSets).toBe(true);
  expect(agreedCredentials([even, stranger])?.unknown?.evenSets).toBeUndefined();
});

test("whoever has other ids is somebody else", () => {
  expect(agreedCredentials([credentials({ uid: 0 }), credentials({ uid: 1 })])).toBeUndefined();
  expect(agreedCredentials([stranger, credentials({ uid: 0 })])).toBeUndefined();
  const one = { uid: 5 };
  for (const other of [
    { ...one, gid: 6 },
    { ...one, fsgid: 6 },
    { ...one, groups: [6] },
    { ...one, securebits: 1 },
    {
      ...one,
      userNamespace: new UserNamespace({ parent: initialUserNamespace, owner: 5, group: 5 }),
    },
  ])
    expect(agreedCredentials([credentials(one), credentials(other)])).toBeUndefined();
});

test("of one alone nothing is lost, and nothing becomes unknown", () => {
  const root = credentials({ uid: 0 });
  expect(agreedCredentials([root, root])).toEqual(root);
  expect(agreedCredentials([root])?.unknown).toBeUndefined();
  expect(NOTHING_OPEN.effective).toEqual(NO_CAPABILITIES);
});
