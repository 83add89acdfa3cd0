import { describe, expect, test, vi } from "vitest";
import { kernelName, settingsOf } from "./kernelOption.ts";
import { releaseFrom } from "./machineRelease.ts";
import { file } from "./testing/tool.ts";
import { UsageError } from "./usageError.ts";

describe("--kernel", () => {
  test("names a release, a point release, the proposal, or a vendor's mixture", () => {
    for (const name of ["5.10", "5.10.0", "5.10.24", "6.12", "7.3", "seed", "seed-code"])
      expect(kernelName(name)).toBe(name);
  });

  test.each(["9.9", "6.12.x", "seeds", "", "6.12+no-such-change"])("%j is refused", (name) => {
    expect(() => kernelName(name)).toThrow(UsageError);
  });

  test("unset, means the newest release that is known", () => {
    expect(kernelName(undefined)).toBe("7.3");
  });
});

describe("the version behind uname's two strings", () => {
  test.each([
    ["6.18.44-vendor", "#1 SMP", "6.18.44"],
    ["5.10.0-32-amd64", "#1 SMP Debian 5.10.223-1 (2024-08-10)", "5.10.223"],
    ["6.1.0-40-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)", "6.1.153"],
    ["7.3", "#1", "7.3"],
    ["6.12.0-rc3+", "#1", "6.12.0"],
  ])("%s, %s is %s", (name, details, version) => {
    expect(releaseFrom(name, details)).toBe(version);
  });

  test("is not guessed for another system", () => {
    expect(releaseFrom("Darwin", "Kernel Version 23")).toBeUndefined();
  });
});

test("--kernel auto says what it took", () => {
  if (process.platform !== "linux") return;
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    expect(kernelName("auto")).toMatch(/^\d+\.\d+/);
    expect(said.mock.calls.flat().join("")).toMatch(
      /^kernel: \d+\.\d+\S*, from this machine's uname/,
    );
  } catch (error) {
    // A machine newer than every known release is refused by name, not guessed.
    expect(error).toBeInstanceOf(UsageError);
  } finally {
    said.mockRestore();
  }
});

describe("--config", () => {
  test.each([
    ["pageShift=13", /pageShift=13: expected 12 \(4 KiB\), 14 \(16 KiB\) or 16 \(64 KiB\)/],
    ["swap=1", /swap=1: expected true or false/],
    ["thpEnabled=inherit", /expected always, madvise or never/],
    ["maxMapCount=many", /expected a whole number/],
  ])("%s is no value of that setting", (word, message) => {
    expect(() => settingsOf([word])).toThrow(message);
    expect(() => settingsOf([word])).toThrow(UsageError);
    const [key = "", value = ""] = word.split("=");
    const path = file("wrong.json", JSON.stringify({ [key]: value }));
    expect(() => settingsOf([path])).toThrow(UsageError);
  });

  test("takes pairs and JSON files; the later wins", () => {
    const path = file("settings.json", '{"swap": false, "maxMapCount": 100}');
    expect(settingsOf(["swap=true", path, "maxMapCount=65530", "ptraceScope=none"])).toEqual({
      ...{ swap: false, maxMapCount: 65530, ptraceScope: null },
    });
  });

  test.each([
    ["swp=true", /unknown setting "swp"; did you mean swap\?/],
    ["/nowhere.json", /neither KEY=VALUE nor a file that can be read/],
    [file("broken.json", "{"), /expected a JSON object of settings/],
    [file("list.json", "[]"), /expected a JSON object of settings/],
    [file("unknown.json", '{"hugepages": 1}'), /unknown setting "hugepages"/],
  ])("%s is refused", (word, message) => {
    expect(() => settingsOf([word])).toThrow(message);
  });
});
