import { beforeAll, describe, expect, test, vi } from "vitest";
import { fakeKernel } from "../testing/fakeKernel.ts";
import { file, tool } from "../testing/tool.ts";

vi.mock("@kadvise/conformance", async (original) => ({
  ...(await original<object>()),
  openTarget: (name: string) => fakeKernel(name),
}));

/** Runs a campaign, and keeps what it printed. */
async function part(name: string, ...words: readonly string[]): Promise<string> {
  const usual = ["--target", "host", "--seed", "5", "--ops", "600", "--format", "json"];
  const { out } = await tool("fuzz", ...usual, ...words);
  return file(name, out);
}

const shards: { readonly [format: string]: string[] } = { json: [], jsonl: [] };
beforeAll(async () => {
  for (const [format, paths] of Object.entries(shards))
    for (const i of [1, 2, 3])
      paths.push(await part(`${i}.${format}`, "--shard", `${i}/3`, "--format", format));
}, 60_000);

describe("shards that belong together", () => {
  test("make one report, whatever their order", async () => {
    const [one = "", two = "", three = ""] = shards["json"] ?? [];
    const { code, out, err } = await tool("merge", three, one, two);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^host: Linux 6\.12\.107, held against the model of 6\.12\.107, seed 5\n/);
    expect((await tool("merge", one, two, three)).out).toBe(out);
    const steps = Number(/^([\d,]+) steps/m.exec(out)?.[1]?.replaceAll(",", ""));
    expect(steps).toBeGreaterThanOrEqual(600);
  });

  test("may be JSONL as well, and be merged to JSON that can be merged again", async () => {
    const [one = "", two = "", three = ""] = shards["jsonl"] ?? [];
    const some = file("some.json", (await tool("merge", one, three, "--format", "json")).out);
    const { out, err } = await tool("merge", some, two, "--format", "json");
    expect(err).toBe("");
    expect(out).toBe((await tool("merge", one, two, three, "--format", "json")).out);
    expect(JSON.parse(out)).not.toHaveProperty("shard");
  });

  test("are told about when some are missing", async () => {
    const [one = "", , three = ""] = shards["json"] ?? [];
    const { code, out, err } = await tool("merge", one, three);
    expect(code).toBe(0);
    expect(out).toMatch(/seed 5, shard 1\+3\/3\n/);
    expect(err).toBe("kadvise merge: host: of 3 shards 2 are missing\n");
  });
});

test("a campaign on several targets is merged target by target", async () => {
  const both = ["--target", "host,qemu:6.12"];
  const one = await part("both1.json", ...both, "--shard", "1/2");
  const two = await part("both2.json", ...both, "--shard", "2/2");
  const { code, out } = await tool("merge", one, two);
  expect(code).toBe(0);
  expect(out.match(/^\S+: Linux/gm)).toEqual(["host: Linux", "qemu:6.12: Linux"]);
});

describe("what is refused", () => {
  test.each([
    [["--seed", "6", "--shard", "2/3"], /the same seed: 5 in \S+a\.json, 6 in \S+b\.json/],
    [["--shard", "1/3"], /shard 1\/3 is in \S+a\.json and in \S+b\.json/],
    [["--shard", "2/4"], /the same number of shards: 3 in/],
    [["--kernel", "5.10", "--shard", "2/3"], /the same model: 6\.12\.107 in \S+, 5\.10\.\d+ in/],
    [["--target", "qemu:6.12", "--shard", "2/3"], /same targets: (host|qemu:6\.12) is in/],
  ])("a part made with %j", async (words, why) => {
    const a = await part("a.json", "--ops", "0", "--shard", "1/3");
    const b = await part("b.json", "--ops", "0", ...words);
    const { code, out, err } = await tool("merge", a, b);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(why);
  });

  test.each([
    ["no.json", undefined, "no such file"],
    ["empty.json", "", "no report of kadvise fuzz"],
    ["text.json", "host: Linux 6.12\n", "text.json:1: neither JSON nor JSONL"],
    ["other.json", '{"schemaVersion":1}', "no report of kadvise fuzz"],
    ["killed.jsonl", '{"event":"start","schemaVersion":1}\n', "no report of kadvise fuzz"],
  ])("%s, which is no report", async (name, content, why) => {
    const path = content === undefined ? `/nowhere/${name}` : file(name, content);
    const { code, out, err } = await tool("merge", path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(why);
  });

  test("nothing at all", async () => {
    expect(await tool("merge")).toMatchObject({ code: 2, out: "" });
  });
});
