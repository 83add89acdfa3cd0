import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { fakeKernel } from "../testing/fakeKernel.ts";
import { REPOSITORY, tool } from "../testing/tool.ts";

vi.mock("@kadvise/conformance/diff", async (original) => ({
  ...(await original<object>()),
  openTarget: (name: string) => {
    if (name === "lost") throw new RangeError("expected host or qemu:RELEASE");
    return fakeKernel(name, name === "qemu:gone" ? { lostAfter: 0 } : FAKES[name]);
  },
}));

/** Kernels that are other models than they say. */
const FAKES: { readonly [name: string]: { readonly is?: string; readonly says?: string } } = {
  "qemu:liar": { is: "6.13", says: "6.12.107" },
};

describe("two point releases with one change between them", () => {
  const ran = tool("diff", "5.10.23", "5.10.24");

  test("docs/diff.md prints what comes", async () => {
    const { code, out, err } = await ran;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const document = readFileSync(join(REPOSITORY, "docs/diff.md"), "utf8");
    const indented = out.trimEnd().replace(/^(?=.)/gm, "    ");
    expect(document).toContain(indented);
  });

  test("the change has its release, its backports, its example and both answers", async () => {
    const { out } = await ran;
    expect(out).toContain("+ process-madvise-read-and-nice  5.12; 5.10.24, 5.11.7");
    expect(out).toContain("    app  spawn({uid=1000})\n");
    expect(out).toMatch(/^ {2}5\.10\.23 +4096$/m);
    expect(out).toMatch(/^ {2}5\.10\.24 +-1 EPERM \(Operation not permitted\)$/m);
  });

  test("the real kernels that were asked stand beside", async () => {
    expect((await ran).out).toMatch(
      /real kernels +5\.10\.223, 6\.1\.176 as 5\.10\.24; 6\.12\.107 to/,
    );
  });

  test("it says that no real kernel was asked for these two", async () => {
    const [head] = (await ran).out.split("\n");
    expect(head).toBe(
      "5.10.23 to 5.10.24: 1 change; 5.10.23, 5.10.24: not checked on a real kernel",
    );
  });
});

test("a line names its newest point release, and one that was asked is not called unchecked", async () => {
  const { out } = await tool("diff", "6.12", "7.3", "--brief");
  expect(out.split("\n")[0]).toMatch(/^6\.12 \(6\.12\.\d+\) to 7\.3 \(7\.3\.\d+\): \d+ changes$/);
});

test("the brief form has a line for each change", async () => {
  const { out } = await tool("diff", "6.0", "6.1", "--brief");
  const lines = out.trimEnd().split("\n").slice(2);
  expect(lines).toContainEqual(expect.stringMatching(/^\+ madv-collapse +6\.1$/));
  expect(lines).toContainEqual(expect.stringMatching(/^\? bridge|^\+ bridge-right +6\.1$/));
  for (const line of lines) expect(line).toMatch(/^[+?-] [a-z0-9-]+ {2,}\S/);
});

test("backwards, changes went", async () => {
  const { out } = await tool("diff", "6.1", "6.0", "--brief");
  expect(out).toMatch(/^- madv-collapse/m);
});

test("what nobody knows is marked, with both ends", async () => {
  const { out } = await tool("diff", "6.18.15", "6.18.40", "--only", "guard-flag");
  expect(out).toMatch(/^\? guard-flag {2}6\.19; between 6\.18\.35 and 6\.18\.44$/m);
  expect(out).toContain("nobody knows whether both have it");
});

test("what another change hides is shown alone", async () => {
  const { out } = await tool("diff", "5.10", "6.12", "--only", "bridge-left");
  expect(out).toContain("between these two another change hides it; alone it shows:");
  expect(out).toMatch(/6\.12\.0 without it {2}/);
});

test("a change without an example says why", async () => {
  const { out } = await tool("diff", "6.14", "6.15", "--only", "process-madvise-one-lock");
  expect(out).toContain("no example: shows in the locks that are taken, not in an answer");
});

test("the proposal differs in switches, and in examples that it answers otherwise", async () => {
  const { out } = await tool("diff", "seed", "5.10");
  expect(out).toContain("seed (never released) to 5.10");
  expect(out).toContain(
    "processMadvise.accessMode: PTRACE_MODE_ATTACH_FSCREDS -> PTRACE_MODE_READ_FSCREDS",
  );
  // Nobody needed CAP_SYS_NICE.
  const [, own = ""] = /^~ process-madvise-read-and-nice\n(.*?)\n\n/ms.exec(out) ?? [];
  expect(own).toMatch(/^ {2}seed +4096$/m);
  expect(own).toMatch(/^ {2}5\.10 +-1 EPERM/m);
});

describe("formats", () => {
  test("json has everything", async () => {
    const { out } = await tool("diff", "5.10.23", "5.10.24", "--format", "json");
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      from: { name: "5.10.23", version: "5.10.23", asked: false, released: true },
      changes: [
        {
          ...{ id: "process-madvise-read-and-nice", how: "came", mainline: "5.12" },
          ...{ stable: { "5.10": 24, "5.11": 7 }, shown: "example" },
          from: { answers: ["= 4096", "20000000-20001000 rw-p"], unmet: [] },
          recorded: { "6.12.107": ["= 4096", "20000000-20001000 rw-p"] },
        },
      ],
      targets: [],
    });
  });

  test("markdown has a heading and a block for each change", async () => {
    const { out } = await tool("diff", "5.10.23", "5.10.24", "--format", "markdown");
    expect(out).toMatch(/^# 5\.10\.23 to 5\.10\.24\n/);
    expect(out).toContain("## process-madvise-read-and-nice\n");
    expect(out).toMatch(/```\napp {2}spawn/);
    expect(out).toContain("- 5.10.24: `-1 EPERM (Operation not permitted)`");
  });

  test("brief markdown is a table", async () => {
    const { out } = await tool("diff", "5.10.23", "5.10.24", "--format", "markdown", "--brief");
    expect(out).toContain("| `process-madvise-read-and-nice` | came | 5.12; 5.10.24, 5.11.7 |");
  });
});

describe("real kernels", () => {
  const only = ["--only", "process-madvise-own-unrestricted"];

  test("run the examples, and their answers stand beside the models'", async () => {
    const { code, out } = await tool("diff", "6.12", "6.13", ...only, "--target", "qemu:6.12");
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}qemu:6\.12 \(6\.12\.107\) +-1 EINVAL/m);
  });

  test("one that answers otherwise than its own model is a deviation", async () => {
    const { code, err } = await tool("diff", "6.12", "6.13", ...only, "--target", "qemu:liar");
    expect(code).toBe(1);
    expect(err).toContain("the model of 6.12.107 says = -1 EINVAL");
  });

  test("one that cannot be asked leaves the rest as it is", async () => {
    const { code, out, err } = await tool("diff", "6.12", "6.13", ...only, "--target", "qemu:gone");
    expect(code).toBe(3);
    expect(err).toContain("cannot run on qemu:gone: no kernel today");
    expect(out).toContain("process-madvise-own-unrestricted");
  });

  test("what changes settings of the machine is not asked of the host", async () => {
    const words = ["5.16", "5.17", "--only", "advise-map-count-eagain", "--target", "host"];
    const { err } = await tool("diff", ...words);
    expect(err).toContain("not asked, its example changes settings of the machine");
  });
});

describe("misuse", () => {
  test.each([
    [[], /expected two releases/],
    [["6.12"], /expected two releases/],
    [["6.1", "6.12", "7.3"], /expected two releases/],
    [["6.12", "7.4"], /unknown release "7\.4"/],
    [["6.12", "debian"], /unknown release "debian"/],
    [["6.12", "6.13", "--only", "guard-anonymus"], /did you mean guard-anonymous\?/],
    [["6.12", "6.13", "--format", "html"], /expected text, markdown, json/],
    [["6.12", "6.13", "--target", "lost"], /--target lost: expected host/],
  ])("%j is refused", async (words, message) => {
    const { code, out, err } = await tool("diff", ...words);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });
});

test("the very version that no real kernel was asked for is named, once", async () => {
  const { out } = await tool("diff", "5.10", "5.10", "--brief");
  expect(out.split("\n")[0]).toMatch(
    /^5\.10 \((5\.10\.\d+)\) to 5\.10 \(\1\): 0 changes; \1: not checked on a real kernel$/,
  );
});
