import { describe, expect, test } from "vitest";
import { policyStack } from "./policyOption.ts";
import { file } from "./testing/tool.ts";

const names = async (...words: readonly string[]): Promise<readonly string[]> =>
  ((await policyStack(words))?.() ?? []).map(({ name }) => name);

describe("--policy", () => {
  test("unset, leaves the stack as it is", async () => {
    expect(await policyStack([])).toBeUndefined();
  });

  test("stands behind commoncap, in the order given, with commas or repeated", async () => {
    expect(await names("yama=1,landlock")).toEqual(["commoncap", "yama", "landlock"]);
    expect(await names("landlock", " yama=2 ")).toEqual(["commoncap", "landlock", "yama"]);
  });

  test("puts commoncap where it is named", async () => {
    expect(await names("yama=1,commoncap")).toEqual(["yama", "commoncap"]);
  });

  test("makes a stack afresh at each call: no state is shared by two kernels", async () => {
    const make = await policyStack(["yama=1"]);
    expect(make?.()[1]).not.toBe(make?.()[1]);
  });

  test("takes a file that exports a policy, or a function that makes one", async () => {
    const plain = file("plain.mjs", `export default { name: "plain" };`);
    const made = file("made.mjs", `export default () => ({ name: "made" });`);
    expect(await names(plain, made)).toEqual(["commoncap", "plain", "made"]);
  });

  test.each([
    ["yama=9", /--policy yama=9: /],
    ["seccomp=proces_madvise", /--policy seccomp=proces_madvise: .*no system call/],
    ["seccomp=ptrace=EFOO", /--policy seccomp=ptrace=EFOO: "EFOO" is no error's name/],
    ["selnux", /no such policy; known: /],
    ["./nowhere.mjs", /--policy \.\/nowhere\.mjs: no such file/],
    [file("nameless.mjs", "export default {};"), /expected a default export \{ name/],
    [
      file("maker.mjs", "export default () => { throw new Error('no'); };"),
      /making the policy threw: Error: no/,
    ],
  ])("%s is refused", async (word, message) => {
    await expect(policyStack([word])).rejects.toThrow(message);
  });
});
