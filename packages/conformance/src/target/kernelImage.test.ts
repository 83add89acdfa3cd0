import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CannotRun } from "./cannotRun.ts";
import { kernelImage, kernelsFolder } from "./kernelImage.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kadvise-kernels-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test("kernels lie in the cache, or where KERNELS_DIR says", () => {
  vi.stubEnv("KERNELS_DIR", undefined);
  vi.stubEnv("XDG_CACHE_HOME", "/var/cache/me");
  expect(kernelsFolder()).toBe("/var/cache/me/kadvise/kernels");
  vi.stubEnv("XDG_CACHE_HOME", "relative");
  expect(kernelsFolder()).toMatch(/\/\.cache\/kadvise\/kernels$/);
  vi.stubEnv("KERNELS_DIR", folder);
  expect(kernelsFolder()).toBe(folder);
});

test("a release has a folder of its own with its image in it", () => {
  mkdirSync(join(folder, "6.12"));
  writeFileSync(join(folder, "6.12", "vmlinuz"), "");
  expect(kernelImage("6.12", folder)).toBe(join(folder, "6.12", "vmlinuz"));
});

test("an image that is not there is a reason why this cannot run here", () => {
  expect(() => kernelImage("6.12", folder)).toThrow(CannotRun);
  expect(() => kernelImage("6.12", folder)).toThrow(/no image of kernel 6\.12: .*KERNELS_DIR/);
});
