import { describe, expect, test } from "vitest";
import { adviceTable, shortText } from "./adviceTable.ts";
import { askAdvice, type AdviceCall } from "./askAdvice.ts";
import { NAMED_AREAS } from "./namedAreas.ts";
import { namedKernels } from "./tableKernels.ts";
import { profile } from "@kadvise/releases";
import type { AdviceName } from "@kadvise/uapi";

function ask(
  release: string,
  advice: AdviceName,
  on: string,
  call: AdviceCall = "madvise",
): string {
  const kernel = profile(release, { assume: "all" });
  return shortText(askAdvice(kernel, { advice, call, abi: "x86-64", on }));
}

/** Linux: mm/madvise.c; asked on eleven kernels by packages/mm-core/src/testing/adviceTable.c. */
describe("advice for memory that", () => {
  test.each([
    ["is locked", "locked", "MADV_DONTNEED", "6.12", "EINVAL"],
    ["is locked", "locked", "MADV_DONTNEED_LOCKED", "6.12", "ok"],
    ["is locked", "locked", "MADV_COLD", "6.12", "EINVAL"],
    ["is shared", "shared", "MADV_FREE", "6.12", "EINVAL"],
    ["is shared", "shared", "MADV_REMOVE", "6.12", "ok"],
    ["is shared", "shared", "MADV_GUARD_INSTALL", "6.14", "EINVAL"],
    ["is shared", "shared", "MADV_GUARD_INSTALL", "6.15", "ok"],
    ["is read-only", "read-only", "MADV_POPULATE_WRITE", "6.12", "EINVAL"],
    ["may not be accessed", "no-access", "MADV_POPULATE_READ", "6.12", "EINVAL"],
    ["is sealed", "sealed", "MADV_DONTNEED", "6.12", "EPERM"],
    ["is sealed", "sealed", "MADV_COLD", "6.12", "ok"],
    ["was sealed before there were seals", "sealed", "MADV_COLD", "6.9", "none"],
    ["may be dropped", "droppable", "MADV_KEEPONFORK", "6.12", "EINVAL"],
    ["may be dropped", "droppable", "MADV_COLD", "6.10", "none"],
    ["is secret", "secret", "MADV_COLD", "7.1", "EINVAL"],
    ["is secret", "secret", "MADV_COLD", "7.2", "ok"],
    ["is the vdso", "vdso", "MADV_DOFORK", "6.19", "ok"],
    ["is the vdso", "vdso", "MADV_DOFORK", "7.0", "EINVAL"],
    ["is vvar", "vvar", "MADV_COLD", "7.0", "EINVAL"],
    ["is vvar", "vvar", "MADV_COLD", "7.1", "ok"],
    ["is part of a huge page", "within-huge-page", "MADV_COLLAPSE", "7.1", "EINVAL"],
    ["is part of a huge page", "within-huge-page", "MADV_COLLAPSE", "7.2", "ok"],
  ] as const)("%s (%s): %s on %s: %s", (_what, on, advice, release, expected) => {
    expect(ask(release, advice, on)).toBe(expected);
  });

  test("is private anonymous memory is answered as without a word for it", () => {
    for (const call of ["madvise", "self", "remote"] as const)
      expect(ask("6.12", "MADV_COLD", "anonymous", call)).toBe(
        shortText(
          askAdvice(profile("6.12", { assume: "all" }), {
            ...{ advice: "MADV_COLD", call, abi: "x86-64" },
          }),
        ),
      );
  });

  test("has another name is none", () => {
    expect(() => ask("6.12", "MADV_COLD", "lava")).toThrow(/no memory: expected anonymous, shared/);
  });
});

test("what nobody knows of a release is ?, with the changes that decide and no others", () => {
  const rows = (release: string, advice: AdviceName, on: string) =>
    adviceTable({
      ...{ kernels: namedKernels([release]), advice: [advice], calls: ["madvise"] as const, on },
    }).map(({ cells: [cell] }) => [cell.answer, cell.open?.answers, cell.open?.changes]);
  expect(rows("7.0.5", "MADV_DOFORK", "vdso")).toEqual([
    ["?", ["ok", "EINVAL"], ["dofork-special"]],
  ]);
  expect(rows("7.2.3", "MADV_COLLAPSE", "within-huge-page")).toEqual([
    ["?", ["EINVAL", "ok"], ["collapse-empty"]],
  ]);
  expect(rows("6.3", "MADV_COLD", "secret")).toEqual([
    ["?", ["none", "EINVAL"], ["secret-memory-on"]],
  ]);
  expect(rows("7.0.13", "MADV_DOFORK", "vdso")).toEqual([["EINVAL", undefined, undefined]]);
});

test("every kind of memory can be made on the newest kernel", () => {
  for (const on of Object.keys(NAMED_AREAS)) expect(ask("7.3", "MADV_NORMAL", on)).toBe("ok");
});
