import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

test("calls on protection keys are judged", () => {
  const lines = [
    "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000",
    ...["1 pkey_alloc(0, 0) = 1", "1 pkey_mprotect(0x7f0000000000, 4096, PROT_READ, 1) = 0"],
    ...["1 pkey_free(1) = 0", "1 pkey_free(1) = 0"],
  ];
  expect(verdicts(log(...lines)).slice(2)).toEqual([
    expect.stringMatching(/^3 pkey_alloc /),
    "4 pkey_mprotect exact",
    "5 pkey_free exact",
    "6 pkey_free deviation",
  ]);
});

describe("shadow stacks", () => {
  const ends = (kernel: string, ...lines: readonly string[]): readonly string[] =>
    verdicts(log(...lines), { kernel }).slice(1);
  const NONE = "-1 ENOSYS (Function not implemented)";
  const LACKS = "-1 EOPNOTSUPP (Operation not supported)";

  test("are refused as the machine is, and once it told all alike", () => {
    const lines = [`1 map_shadow_stack(NULL, 4096, 0) = ${LACKS}`];
    lines.push(`1 syscall_0x1c5(0, 0x1000, 0x2, 0, 0x64, 0) = ${LACKS}`);
    lines.push(`1 map_shadow_stack(NULL, 4, SHADOW_STACK_SET_TOKEN) = ${NONE}`);
    expect(ends("6.12", ...lines)).toEqual([
      ...["2 map_shadow_stack undetermined", "3 syscall_0x1c5 exact"],
      "4 map_shadow_stack deviation",
    ]);
  });

  test("are no call before 6.6", () => {
    expect(ends("6.1", `1 map_shadow_stack(NULL, 4096, 0) = ${NONE}`)).toEqual([
      "2 map_shadow_stack exact",
    ]);
    expect(ends("6.1", `1 map_shadow_stack(NULL, 4096, 0) = ${LACKS}`)).toEqual([
      "2 map_shadow_stack deviation",
    ]);
  });

  test("are memory like other memory", () => {
    const lines = [
      "1 map_shadow_stack(NULL, 8192, SHADOW_STACK_SET_TOKEN) = 0x7f0000000000",
      "1 munmap(0x7f0000000000, 8192) = 0",
      "1 map_shadow_stack(0x10000, 8192, 0) = 0x10000",
    ];
    expect(ends("6.12", ...lines)).toEqual([
      expect.stringMatching(/^2 map_shadow_stack (undetermined|constrained)/),
      ...["3 munmap exact", "4 map_shadow_stack deviation"],
    ]);
  });
});

describe("a userfaultfd", () => {
  const DENIED = "-1 EPERM (Operation not permitted)";
  const said = (kernel: string, ...results: readonly string[]): readonly string[] => {
    const calls = results.map((result) => `1 userfaultfd(${result}`);
    const user = "1 setresuid(1000, 1000, 1000) = 0";
    return verdicts(log("1 setresuid(0, 0, 0) = 0", user, ...calls), { kernel })
      .slice(3)
      .map((verdict) => verdict.replace(/^\d+ userfaultfd /, ""));
  };

  test("is refused as vm.unprivileged_userfaultfd is, and once that shows all alike", () => {
    const denied = said("6.12", `0) = ${DENIED}`, `O_CLOEXEC) = ${DENIED}`, "0) = 3");
    expect(denied).toEqual(["undetermined", "exact", "deviation"]);
  });

  test("for one's own faults is everybody's since 5.11", () => {
    expect(said("6.12", "UFFD_USER_MODE_ONLY) = 3")).toEqual(["constrained"]);
    expect(said("6.12", `UFFD_USER_MODE_ONLY) = ${DENIED}`)).toEqual(["deviation"]);
  });

  test("has no flags but those of its release", () => {
    const NONE = "-1 EINVAL (Invalid argument)";
    expect(said("5.10", "UFFD_USER_MODE_ONLY) = 3")).toEqual(["deviation"]);
    expect(
      said("6.12", `0x4 /* UFFD_??? */) = ${NONE}`).map((word) => word !== "deviation"),
    ).toEqual([true]);
  });
});

test("an option is judged though strace has no word for it", () => {
  const calls = [
    "1 mmap(0x10000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x10000000",
    ...["1 prctl(0x43 /* PR_??? */, 0x1, 0, 0, 0) = 0", "1 fcntl(0, 0x1) = 0"],
    "1 prctl(0x7fff /* PR_??? */, 0, 0, 0, 0) = -1 EINVAL (Invalid argument)",
    "1 prctl(0x44 /* PR_??? */, 0, 0, 0, 0) = 1",
  ];
  expect(verdicts(log(...calls)).slice(2)).toEqual([
    ...["3 prctl undetermined", "4 fcntl undetermined", "6 prctl exact"],
  ]);
});
