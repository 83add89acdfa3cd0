import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { said, task } from "../testing/tasks.ts";
import { policyFromName } from "./fromName.ts";
import type { YamaPolicy } from "./yama.ts";

describe("a policy on the command line", () => {
  test.each([
    ["yama", 1],
    ["yama=0", 0],
    ["yama=3", 3],
    [" yama=2 ", 2],
  ])("%o is Yama at scope %i", (word, scope) => {
    const policy = policyFromName(word) as YamaPolicy;
    expect(policy.name).toBe("yama");
    expect(policy.state().scope).toBe(scope);
  });

  test.each(["commoncap", "landlock"])("%s is what it says", (word) => {
    expect(policyFromName(word)?.name).toBe(word);
  });

  test("seccomp= takes calls, with a plus between them", () => {
    const policy = policyFromName("seccomp=process_madvise+ptrace=ENOSYS");
    const access = new AccessControl({ policies: policy === undefined ? [] : [policy] });
    const subject = task({ uid: 0 });
    expect(said(access.syscall({ subject, name: "process_madvise", number: 440 }))).toBe(
      "EPERM seccomp/listed",
    );
    expect(said(access.syscall({ subject, name: "ptrace", number: 101 }))).toBe(
      "ENOSYS seccomp/listed",
    );
  });

  test("seccomp= minds no blanks around its calls", () => {
    const access = new AccessControl({
      policies: [policyFromName("seccomp= kcmp + ptrace=ENOSYS ")!],
    });
    const call = (name: string): string =>
      said(access.syscall({ subject: task({ uid: 0 }), name, number: 0 }));
    expect(["kcmp", "ptrace", "setns"].map(call)).toEqual([
      "EPERM seccomp/listed",
      "ENOSYS seccomp/listed",
      "ok",
    ]);
  });

  test("seccomp= takes a call that is not covered by its number", () => {
    const policy = policyFromName("seccomp=9999=ENOSYS")!;
    const access = new AccessControl({ policies: [policy] });
    expect(
      said(access.syscall({ subject: task({ uid: 0 }), name: "syscall_0x270f", number: 9999 })),
    ).toBe("ENOSYS seccomp/listed");
  });

  test("seccomp=container is what a container's default profile answers", () => {
    const policy = policyFromName("seccomp=container");
    const access = new AccessControl({ policies: policy === undefined ? [] : [policy] });
    const call = (name: string): string =>
      said(access.syscall({ subject: task({ uid: 0 }), name, number: 0 }));
    expect(["process_madvise", "pidfd_getfd", "clone3", "ptrace", "pidfd_open"].map(call)).toEqual([
      "EPERM seccomp/listed",
      "EPERM seccomp/listed",
      "ENOSYS seccomp/listed",
      "ok",
      "ok",
    ]);
  });

  test.each(["./mine.js", "apparmor", "", "Yama"])(
    "%o is none of ours, so it may be a file",
    (word) => {
      expect(policyFromName(word)).toBeUndefined();
    },
  );

  test.each([
    ["yama=4", 'yama\'s scope is 0, 1, 2 or 3, not "4"'],
    ["yama=", 'yama\'s scope is 0, 1, 2 or 3, not ""'],
    ["yama=11", 'yama\'s scope is 0, 1, 2 or 3, not "11"'],
    ["landlock=1", "the policy landlock takes no value"],
    ["commoncap=no", "the policy commoncap takes no value"],
    ["seccomp", "seccomp= needs the calls that it answers"],
    ["seccomp=", "seccomp= needs the calls that it answers"],
    [
      "seccomp=ptrace+process_madvice",
      '"process_madvice" is no system call that is covered; name others by their number',
    ],
    ["seccomp=ptrace+", '"" is no system call that is covered; name others by their number'],
    ["seccomp=9x", '"9x" is no system call that is covered; name others by their number'],
    ["seccomp=x9", '"x9" is no system call that is covered; name others by their number'],
    ["seccomp=ptrace=EFOO", '"EFOO" is no error\'s name'],
    ["seccomp=ptrace=", '"" is no error\'s name'],
  ])("%o is a RangeError: %s", (word, message) => {
    expect(() => policyFromName(word)).toThrow(new RangeError(message));
  });
});
