import { describe, expect, test } from "vitest";
import { applyChange } from "./applyChange.ts";
import { ASKED } from "./asked.ts";
import { BASE } from "./base.ts";
import { CHANGES } from "./changes.ts";
import { parseName, resolveVersion } from "./name.ts";
import { profile } from "./profile.ts";
import { readAnswers, recordedAnswers, versionOf } from "./testing/answers.ts";
import { differences, EXPECTED, tells } from "./testing/expected.ts";
import { formatVersion } from "./version.ts";

const recorded = recordedAnswers();

describe.each(ASKED)("Linux %s", (name) => {
  const kernel = recorded.get(formatVersion(resolveVersion(parseName(name).base)));

  test("is recorded, with its build", () => {
    expect(kernel?.release).toMatch(/^\d+\.\d+/);
    expect(kernel?.build).toMatch(/^#1 SMP/);
  });

  test("answered every question as its profile says", () => {
    expect(differences(kernel!.answers, profile(name))).toEqual([]);
  });

  test("leaves no change open but what it was not asked", () => {
    const open = LEFT_OPEN[name] ?? [];
    expect(profile(name).bracketed).toEqual(open);
    expect(profile(name).asked).toBe(open.length === 0);
  });
});

/** What a kernel was not asked that was asked long ago. */
const LEFT_OPEN: { readonly [name: string]: readonly string[] } = {
  "6.12.100": ["droppable-not-locked"],
};

/** Changes that no question can show, and why. */
const UNSEEN: { readonly [id: string]: string } = {
  "call-number-is-int": "asked by a program of its own on 5.10.223, 6.1.176 and 6.18.44",
  "drops-under-area-lock": "shows only in a trace of the locks",
  "anon-name": "the kernels asked were built without CONFIG_ANON_VMA_NAME",
  "anon-name-shared": "the kernels asked were built without CONFIG_ANON_VMA_NAME",
  "memory-merge": "asked by a scenario of packages/conformance/facts",
  "memory-merge-apart": "asked by a scenario of packages/conformance/facts",
  "thp-disable-except-advised": "asked by a scenario of packages/conformance/facts",
  "secret-memory-on": "asked by a scenario of packages/conformance/facts",
  "userfaultfd-user-mode-only": "asked by a scenario of packages/conformance/facts",
  "map-shadow-stack": "asked by a scenario on twelve kernels",
  "map-shadow-stack-i386": "asked by a scenario on twelve kernels",
  "map-shadow-stack-arm64": "no arm64 machine was asked",
  "mseal-merge-forgotten": "asked by a scenario on twelve kernels",
  "mseal-merge-kept": "asked by a scenario on twelve kernels",
  "userfaultfd-read-only": "every kernel that was asked has it",
  "exec-enters-time-namespace": "asked by a scenario on twelve kernels",
  "policy-numa-balancing": "asked by a scenario of packages/conformance/facts",
  "policy-local-is-own": "asked by a scenario of packages/conformance/facts",
  "policy-preferred-many": "asked by a scenario of packages/conformance/facts",
  "policy-weighted-interleave": "asked by a scenario of packages/conformance/facts",
  "policy-many-balances": "asked by a scenario of packages/conformance/facts",
  "program-opens-first": "asked by a scenario of packages/conformance/facts",
  "exec-flags-first": "asked by a scenario of packages/conformance/facts",
  "execution-check": "asked by a scenario of packages/conformance/facts",
  "heap-shrinks-in-areas": "asked by a scenario of packages/conformance/facts",
  "pin-unshares": "asked by a scenario of packages/conformance/facts",
  "pin-leaves-stack": "asked by a scenario of packages/conformance/facts",
  "zeros-leave-at-once": "asked by a scenario of packages/conformance/facts",
  "new-page-is-referenced": "asked by a scenario of packages/conformance/facts",
  "process-madvise-lookup-by-group": "shows only with pidfds of threads, which came with 6.9",
  "inject-ignores-unsupported": "needs a module that filters memory failures",
  "exit-status-of-last-thread": "asked by the pidfd package, whose record holds eleven kernels",
  "on-fault-lock-does-not-look": "asked by a scenario on 5.10.223 and 6.1.176",
  "close-range-cloexec": "asked by a scenario on 5.10.223 and 6.1.176",
  "smaps-pss-dirty": "asked by campaigns, which compare smaps line by line",
  "smaps-lock-on-fault-code": "asked by campaigns, which compare smaps line by line",
  "smaps-ksm": "asked by campaigns, which compare smaps line by line",
  "smaps-pads-thp-eligible": "asked by campaigns, which compare smaps line by line",
  "pagemap-shows-guards": "asked by campaigns, which compare pagemap bit by bit",
  "resident-counters-per-cpu": "a lag shows by chance",
  "resident-counters-exact": "a lag shows by chance",
  "secret-memory-not-locked": "asked by a scenario on eleven kernels",
  "locked-count-does-not-wrap": "asked by a scenario on eleven kernels",
  "future-seal-keeps-area": "asked by a scenario on five kernels",
  mdwe: "asked by a scenario on 6.1.176 and 6.18.44",
  "mdwe-no-inherit": "asked by a scenario on 6.1.176 and 6.18.44",
  "memfd-exec": "asked by a scenario on seven kernels",
  "seal-counts-writable": "asked by a scenario on seven kernels",
  "mremap-target-first": "asked by campaigns, which compare what each call answers",
  "mremap-dontunmap-charges-own": "asked by campaigns, which compare areas' flags",
  "mremap-dontunmap-uncharges": "asked by a scenario on eleven kernels",
  "mremap-dontunmap-stays-charged": "asked by a scenario on eleven kernels",
  "fallocate-one-mode": "asked by a scenario on twelve kernels",
  "fallocate-write-zeroes": "asked by a scenario on twelve kernels",
  "seals-keep-small-holes": "asked by a scenario on twelve kernels",
  "closable-areas-join": "asked by a scenario on twelve kernels",
  "huge-segments-not-by-limit": "asked by a scenario on twelve kernels",
  "hugetlb-holes-zero-parts": "asked by a scenario on eleven kernels",
  "hugetlb-forks-lazily": "asked by a scenario on eleven kernels",
  "hugetlb-restores-reservation": "asked by a scenario on eleven kernels",
  "core-dump-ends-own-threads": "asked by a scenario on twelve kernels",
  "gap-search-restarts": "asked by a scenario on twelve kernels",
  "droppable-not-locked": "asked by a scenario on twelve kernels",
  "rewritten-huge-page-stays": "asked by a scenario on twelve kernels",
  "rewritten-huge-page-in-entries": "asked by a scenario on twelve kernels",
  "execute-only-key-first": "asked by a scenario on twelve kernels",
  "hugetlb-hint-rounds-up": "asked by a scenario on twelve kernels",
  "pidfd-regular-file": "asked by a scenario on twelve kernels",
  "pidfd-not-immutable": "asked by a scenario on twelve kernels",
  "pidfd-info": "asked by a scenario on eleven kernels",
  "pidfd-info-coredump": "asked by a scenario on eleven kernels",
  "pidfd-info-coredump-code": "asked by a scenario on eleven kernels",
  "pidfd-info-coredump-of-dead": "asked by a scenario on eleven kernels",
  "pidfd-info-exact": "asked by a scenario on eleven kernels",
  "pidfd-info-exit": "asked by a scenario on eleven kernels",
  "pidfd-info-remote": "asked by a scenario on eleven kernels",
  "clone3-numbers-first": "asked by a scenario on eleven kernels",
  "pidfd-info-supported": "asked by a scenario on eleven kernels",
  "pidfd-ioctl": "asked by a scenario on eleven kernels",
  "pidfd-ioctl-number": "asked by a scenario on eleven kernels",
  "pidfd-namespaces-ask-first": "asked by a scenario on eleven kernels",
  "split-keeps-young": "asked by a scenario on twelve kernels",
  "protect-loses-huge-dirty": "asked by a scenario on twelve kernels",
  "protect-keeps-huge-dirty": "asked by a scenario on twelve kernels",
  "split-frees-zero-pages": "asked by a scenario on twelve kernels",
  "huge-page-shared-by-count": "asked by a scenario on twelve kernels",
  "huge-page-shared-by-process": "asked by a scenario on twelve kernels",
  "huge-zero-page-write": "asked by a scenario on twelve kernels",
  "dontneed-frees-tables": "asked by a scenario on twelve kernels",
  "unmerged-pages-clean": "asked by a scenario on twelve kernels",
  "ksm-zero-pages-break": "asked by a scenario on twelve kernels",
  "collapse-goes-on": "asked by a scenario on twelve kernels",
  "pagemap-huge-zero-is-file": "asked by a scenario on twelve kernels",
  "pagemap-huge-zero-is-anonymous": "asked by a scenario on twelve kernels",
  "pagemap-huge-by-page": "asked by a scenario on twelve kernels",
  "pagemap-huge-by-first-page": "asked by a scenario on twelve kernels",
  "compat-sign-extends-long": "the one i386 call that showed it has got an entry of its own",
};

test("every change that a program can see has a question that tells it apart", () => {
  let features = BASE;
  const unseen: string[] = [];
  for (const change of CHANGES) {
    const changed = applyChange(features, change);
    const isSeen = Object.values(EXPECTED).some((answer) => answer(features) !== answer(changed));
    // What the model does not carry out, no profile can tell apart.
    if (!isSeen && change.notModelled === undefined) unseen.push(change.id);
    features = changed;
  }
  expect(unseen.toSorted()).toEqual(Object.keys(UNSEEN).toSorted());
});

test("every recorded kernel counts as asked, and no other", () => {
  const versions = ASKED.map((name) => formatVersion(resolveVersion(parseName(name).base)));
  expect([...recorded.keys()].toSorted()).toEqual(versions.toSorted());
  expect(recorded.size).toBe(17);
});

test("every question of the probe has an answer that a profile gives", () => {
  for (const kernel of recorded.values()) {
    expect([...kernel.answers.keys()].toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  }
});

test("most answers tell something", () => {
  const answers = [...recorded.values()].flatMap((kernel) => [...kernel.answers.values()]);
  expect(answers.filter(tells).length / answers.length).toBeGreaterThan(0.99);
});

test("what the probe prints is read kernel by kernel", () => {
  const lines = (release: string, answer: string): string =>
    `release\t${release}\nversion\t#1 SMP\na/b\t${answer}\nend\t.\n`;
  const kernels = readAnswers(lines("6.12.0-test", "EINVAL") + lines("6.13.1", "0, kept"));
  expect(kernels.map((kernel) => kernel.release)).toEqual(["6.12.0-test", "6.13.1"]);
  expect(kernels.map((kernel) => kernel.answers.get("a/b"))).toEqual(["EINVAL", "0, kept"]);
  expect(kernels[0]?.answers.size).toBe(1);
});

test("a kernel that stopped before its last answer is not read", () => {
  expect(readAnswers("release\t6.12.0\nversion\t#1 SMP\na/b\tEINVAL\n")).toEqual([]);
});

test("Debian's build says the version where its release says the ABI", () => {
  const debian = { release: "5.10.0-32-cloud-amd64", build: "#1 SMP Debian 5.10.223-1 (2024)" };
  expect(versionOf({ ...debian, answers: new Map() })).toBe("5.10.223");
  const vendor = { release: "6.18.44-fc-v595", build: "#1 SMP PREEMPT_DYNAMIC @0" };
  expect(versionOf({ ...vendor, answers: new Map() })).toBe("6.18.44");
});
