import { profile } from "@kadvise/releases";
import type { AdviceName, CapabilityName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { recordedAnswers } from "../pack/testing/recordedAnswers.ts";
import { readFacts, readKernel } from "../recorded/folder.ts";
import { answersByKernel } from "../recorded/recordedText.ts";
import { ALL_ADVICE } from "./adviceTable.ts";
import { askAdvice, type AdviceCall } from "./askAdvice.ts";

const USUAL = "private anonymous memory";

/** Advice that private anonymous memory of one page does not take. */
const ELSEWHERE: ReadonlySet<AdviceName> = new Set(["MADV_REMOVE", "MADV_COLLAPSE"] as const);

function ask(release: string, advice: AdviceName | number, call: AdviceCall = "remote") {
  return askAdvice(profile(release, { assume: "all" }), { advice, call, abi: "x86-64" });
}

/** `own-advice/dontneed-locked` is about MADV_DONTNEED_LOCKED. */
function caseOf(group: string, advice: AdviceName): string {
  return `${group}/${advice.replace("MADV_", "").toLowerCase().replaceAll("_", "-")}`;
}

describe.each(recordedAnswers())("the real kernel $release", ({ release, answers }) => {
  test.each([
    ["self", "own-advice"],
    ["remote", "remote-advice"],
  ] as const)("was asked all advice by %s, and the table says the same", (call, group) => {
    const asked = ALL_ADVICE.filter((advice) => caseOf(group, advice) in answers);
    expect(asked.length).toBe(25);
    for (const advice of asked) {
      const seen = answers[caseOf(group, advice)]?.at(-1);
      const { answer, area } = ask(release, advice, call);
      // One page of private anonymous memory was asked; others may take what it does not.
      const here = answer === "ok" && area !== USUAL && ELSEWHERE.has(advice) ? "EINVAL" : answer;
      expect([advice, here]).toEqual([advice, seen === "4096" ? "ok" : seen]);
    }
  });

  test("was asked all advice by madvise, and the table says the same", () => {
    const { text } = readFacts().find(({ name }) => name === "advice-on-private-anonymous")!;
    const asked = [...text.matchAll(/madvise\(\S+, \S+, (MADV_\w+)\)/g)].map(([, name]) => name);
    const seen = answersByKernel(text).get(release)!;
    const { settings } = readKernel(release)!;
    for (const [i, advice] of asked.entries()) {
      const { answer, area } = askAdvice(profile(release, { settings }), {
        ...{ advice: advice as AdviceName, call: "madvise", abi: "x86-64" },
      });
      const here = answer === "ok" && area !== USUAL ? "EINVAL" : answer;
      expect([advice, here]).toEqual([advice, /= -1 (\w+)/.exec(seen[i])?.[1] ?? "ok"]);
    }
    expect(asked.length).toBe(25);
  });
});

const NICE: readonly CapabilityName[] = ["CAP_SYS_NICE"];

// Linux: 96cfe2c0fd23 (5.12, 5.10.24, 5.11.7), 22af8caff7d1 (6.12)
test.each([
  ["5.10.23", "self", []],
  ["5.10.24", "self", NICE],
  ["6.11.11", "self", NICE],
  ["6.12.0", "self", []],
  ["5.10.23", "remote", []],
  ["5.11.6", "remote", []],
  ["5.11.7", "remote", NICE],
  ["7.3", "remote", NICE],
] as const)("on %s MADV_COLD by %s needs %j", (release, call, needs) => {
  expect(ask(release, "MADV_COLD", call)).toEqual({ answer: "ok", area: USUAL, needs });
});

test("injecting a memory failure needs CAP_SYS_ADMIN", () => {
  expect(ask("6.13", "MADV_HWPOISON", "self").needs).toEqual(["CAP_SYS_ADMIN"]);
});

test("REMOVE is taken by shared memory, COLLAPSE by a whole huge page", () => {
  expect(ask("7.3", "MADV_REMOVE", "self").area).toBe("shared anonymous memory");
  expect(ask("7.3", "MADV_COLLAPSE").area).toBe("a whole huge page of private anonymous memory");
});

// Linux: mm/Makefile, madvise.o stands under CONFIG_ADVISE_SYSCALLS
test("without CONFIG_ADVISE_SYSCALLS there is neither madvise nor process_madvise", () => {
  const kernel = profile("6.12", { settings: { adviseSyscalls: false } });
  for (const call of ["madvise", "self", "remote"] as const) {
    const question = { advice: "MADV_COLD", call, abi: "x86-64" } as const;
    expect(askAdvice(kernel, question).answer).toBe("ENOSYS");
  }
});

// Linux: mm/ksm.c ksm_madvise is compiled with CONFIG_KSM alone
test("a kernel without KSM knows no MADV_MERGEABLE", () => {
  const kernel = profile("6.13", { settings: { ksm: false } });
  const question = { advice: "MADV_MERGEABLE", call: "self", abi: "x86-64" } as const;
  expect(askAdvice(kernel, question)).toMatchObject({ answer: "EINVAL" });
});

test("the proposal took KSM's advice for others; no release does", () => {
  expect(ask("seed", "MADV_MERGEABLE").answer).toBe("ok");
  expect(ask("5.10", "MADV_MERGEABLE").answer).toBe("EINVAL");
  expect(ask("7.3", "MADV_MERGEABLE").answer).toBe("EINVAL");
});

test("a number that is no advice is refused, and the reason says so", () => {
  expect(ask("7.3", 26, "self")).toMatchObject({
    answer: "EINVAL",
    reason: { id: "process_madvise/unknown-advice" },
  });
  expect(ask("5.9", 26).answer).toBe("ENOSYS");
});

test.each(["i386", "arm64"] as const)("the entry of %s takes the same", (abi) => {
  for (const advice of ALL_ADVICE) {
    const own = askAdvice(profile("6.13"), { advice, call: "remote", abi });
    expect([advice, own.answer]).toEqual([advice, ask("6.13", advice).answer]);
  }
});

test("pages of 64 KiB have huge pages of 512 MiB", () => {
  const kernel = profile("6.12", { settings: { pageShift: 16, userBits: 48 } });
  const question = { advice: "MADV_COLLAPSE", call: "self", abi: "arm64" } as const;
  expect(askAdvice(kernel, question).answer).toBe("ok");
});
