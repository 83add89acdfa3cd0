import { describe, expect, test } from "vitest";
import { profile } from "./profile.ts";

// The proposal of 2020-05-19 and its patches: "support vector address ranges", "use only pidfd".
describe.each(["seed", "seed-code"])("%s", (name) => {
  const seed = profile(name);

  test("was never released, and no kernel was asked", () => {
    expect([seed.released, seed.asked]).toEqual([false, false]);
    expect(profile("5.10").released).toBe(true);
  });

  test("takes COLD, PAGEOUT, MERGEABLE and UNMERGEABLE for another process, without a capability", () => {
    expect(seed.processMadvise).toMatchObject({
      exists: true,
      remoteAdvice: ["MADV_COLD", "MADV_PAGEOUT", "MADV_MERGEABLE", "MADV_UNMERGEABLE"],
      accessMode: "PTRACE_MODE_ATTACH_FSCREDS",
      sysNice: "nobody",
    });
  });

  test("looks at the vector before the flags, and at the list for others only", () => {
    expect(seed.processMadvise.importBeforeFlags).toBe(true);
    expect(seed.processMadvise.adviceCheck).toBe("remote-before-access");
    expect(seed.vector).toEqual({
      checks: "interleaved",
      singleIsCutFirst: false,
      addressLimit: "limit",
    });
  });

  test("takes the lock and flushes once a range, and a dying target's pages count as advised", () => {
    expect(seed.processMadvise).toMatchObject({
      lock: "range",
      flush: "range",
      fatalTargetSkips: true,
      zeroLengthSegments: "each",
    });
  });

  test("rests on the areas, pages and credentials of 5.10", () => {
    const base = profile("5.10");
    expect(seed.version).toBe(base.version);
    expect({ mm: seed.mm, security: seed.security }).toEqual({
      mm: base.mm,
      security: base.security,
    });
    expect(seed.pidfd).toEqual({ ...base.pidfd, lookup: "thread" });
  });
});

test("text and code differ in two things: what progress is worth, and who is oneself", () => {
  const [text, code] = [profile("seed"), profile("seed-code")];
  expect([text.processMadvise.partial, code.processMadvise.partial]).toEqual(["bytes", "errno"]);
  expect([text.processMadvise.own, code.processMadvise.own]).toEqual([
    "thread-group",
    "address-space",
  ]);
  const { partial: _partial, own: _own, ...rest } = text.processMadvise;
  expect(code.processMadvise).toMatchObject(rest);
  expect({ ...text, processMadvise: 0, name: "" }).toEqual({
    ...code,
    processMadvise: 0,
    name: "",
  });
});

test("a seed may be adjusted as a release may", () => {
  expect(profile("seed+mseal").mm.seals).toBe("whole-range");
  expect(profile("seed+mseal").processMadvise).toEqual(profile("seed").processMadvise);
});

test("a seed with just the changes of a kernel that was asked is a seed for all that", () => {
  const asked = profile("5.10.223");
  const more = profile("seed").changes.filter((id) => !asked.changes.includes(id));
  const less = [...more, ...profile("seed").bracketed].map((id) => `,-${id}`).join("");
  const name = `5.10${less}`.replace(",", "");
  expect(profile(name).asked).toBe(true);
  expect(profile(name.replace("5.10", "seed")).asked).toBe(false);
});

test("what a seed does itself no adjustment of its base changes", () => {
  expect(profile("seed+process-madvise-lookup-by-group").pidfd.lookup).toBe("thread");
  expect(profile("seed+process-madvise-one-lock").processMadvise.lock).toBe("range");
});
