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

test("that the sets are one is kept where all say so", () => {
  const even = changed(stranger, { unknown: { ...stranger.unknown!, evenSets: true } });
  expect(agreedCredentials([even, even])?.unknown?.evenSets).toBe(true);
  expect(agreedCredentials([even, stranger])?.unknown?.evenSets).toBeUndefined();
});

test("whoever has other ids is somebody else", () => {
  expect(agreedCredentials([credentials({ uid: 0 }), credentials({ uid: 1 })])).toBeUndefined();
  expect(agreedCredentials([stranger, credentials({ uid: 0 })])).toBeUndefined();
});

test("of one alone nothing is lost, and nothing becomes unknown", () => {
  const root = credentials({ uid: 0 });
  expect(agreedCredentials([root, root])).toEqual(root);
  expect(agreedCredentials([root])?.unknown).toBeUndefined();
  expect(NOTHING_OPEN.effective).toEqual(NO_CAPABILITIES);
});
