import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { securityFeatures, type SecurityFeatures } from "./features.ts";

test("features that nobody names have the newest behaviour", () => {
  const features = securityFeatures();
  expect(features).toEqual(profile("7.3").security);
  expect(features).toMatchObject({
    ...{ deadTaskDumpable: "exec-state", lastCapability: 40, perfmonReads: true },
    ...{ setresNoOp: true, execComparesEffective: true, landlock: true, execSecurebits: true },
    ...{ namespaceKeepsExecSecurebits: true, rootMapNeedsSetfcap: true },
  });
});

test("an override changes one feature and leaves the others", () => {
  const features = securityFeatures({ lastCapability: 37 });
  expect(features.lastCapability).toBe(37);
  expect(features.landlock).toBe(true);
  expect(Object.isFrozen(features)).toBe(true);
});

test("the security section of a release's profile fits", () => {
  const section: Partial<SecurityFeatures> = profile("6.12").security;
  const access = new AccessControl({ features: section });
  expect(access.features.landlock).toBe(true);
  expect(access.features.execSecurebits).toBe(false);
});
