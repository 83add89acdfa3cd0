import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NAMED_AREAS } from "@kadvise/conformance/table";
import { describe, expect, test } from "vitest";
import { REPOSITORY, tool } from "../testing/tool.ts";

/** The cells of a line, without marks of reasons. */
function lineOf(out: string, name: string): readonly string[] {
  const line = out.split("\n").find((one) => one.trimStart().startsWith(name)) ?? "";
  return line
    .trim()
    .split(/ {2,}/)
    .map((cell) => cell.replace(/ \[\d+\]$/, ""));
}

describe("without words", () => {
  const whole = tool("table");

  test("each piece of advice has a line, with the releases that take it", async () => {
    const { code, out, err } = await whole;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    // Linux: process_madvise_remote_valid; 6.13 lifted the list for oneself
    expect(lineOf(out, "MADV_WILLNEED")).toEqual([
      "MADV_WILLNEED",
      "3",
      "5.8+",
      "5.15+ N",
      "5.15+ N",
      "self",
    ]);
    expect(lineOf(out, "MADV_DONTNEED ").slice(2, 5)).toEqual(["5.8+", "6.13+", "never"]);
    expect(lineOf(out, "MADV_MERGEABLE").slice(2)).toEqual([
      ...["5.8+", "6.13+", "never", "self, remote", "ksm"],
    ]);
    expect(lineOf(out, "MADV_HWPOISON")[2]).toBe("5.8+ A");
    expect([...out.matchAll(/^MADV_/gm)].length).toBe(27);
  });

  test("it fits a screen of 100 columns and 50 lines", async () => {
    const lines = (await whole).out.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(42);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test("it says who needs CAP_SYS_NICE, point release by point release", async () => {
    expect((await whole).out.replace(/\n +/g, " ")).toContain(
      "needs CAP_SYS_NICE: self 5.10.24 to 5.10.x, 5.11.7 to 6.11.x; remote 5.10.24 to 5.10.x, 5.11.7+",
    );
  });

  test("it says what was held against real kernels, and what was not", async () => {
    const text = (await whole).out.replace(/\n +/g, " ");
    expect(text).toContain("Checked on the real kernels 5.10.223 6.1.170 6.1.176");
    expect(text).toContain("not checked on a real kernel");
  });

  test("docs/table.md prints it", async () => {
    const document = readFileSync(join(REPOSITORY, "docs/table.md"), "utf8");
    const shown = (await whole).out.trimEnd().split("\n");
    const indented = shown.map((line) => (line === "" ? "" : `    ${line}`)).join("\n");
    expect(document).toContain(indented);
  });
});

describe("a piece of advice", () => {
  test("is told release by release, with the reasons", async () => {
    const { out } = await tool("table", "willneed");
    expect(out.split("\n")[0]).toBe("MADV_WILLNEED (3) on x86-64");
    expect(lineOf(out, "5.10 to 5.14.x ~").slice(1)).toEqual(["ok", "EINVAL", "EINVAL"]);
    expect(lineOf(out, "5.15 to 6.11.x ~").slice(1)).toEqual([
      ...["ok", "ok with CAP_SYS_NICE", "ok with CAP_SYS_NICE"],
    ]);
    expect(lineOf(out, "seed (never released) *").slice(1)).toEqual(["ok", "ok", "EINVAL"]);
    expect(out).toContain("(process_madvise/advice-not-allowed)");
  });

  test("tells 5.10.23 from 5.10.24", async () => {
    const { out } = await tool("table", "MADV_COLD", "5.10.23", "5.10.24", "--remote");
    expect(lineOf(out, "5.10.23 *")).toEqual(["5.10.23 *", "ok"]);
    expect(lineOf(out, "5.10.24 *")).toEqual(["5.10.24 *", "ok with CAP_SYS_NICE"]);
    expect(out).toContain("not checked on a real kernel");
  });

  test("on a release that was asked names the kernels that were", async () => {
    const { out } = await tool("table", "MADV_COLD", "6.12.107");
    expect(lineOf(out, "6.12.107 ").slice(1)).toEqual(["ok", "ok", "ok with CAP_SYS_NICE"]);
    expect(out).toContain("checked on the real kernels 6.12.107\n");
    expect(out).not.toContain("not checked");
  });

  test("names the kernel for which a line's name stands", async () => {
    const { out } = await tool("table", "MADV_COLD", "5.10", "6.12");
    expect(out).toContain("5.10 is 5.10.262, 6.12 is 6.12.117: the newest known");
    expect((await tool("table", "MADV_COLD", "6.12.117")).out).not.toContain("newest known");
  });

  test("says which kernel of the line was asked where the newest has other changes", async () => {
    const { out } = await tool("table", "MADV_COLD", "5.10");
    expect(lineOf(out, "5.10 *")[0]).toBe("5.10 *");
    expect(out).toContain("not checked on a real kernel: 5.10.223 had other changes");
  });

  test.each(["11", "MADV_DOFORK", "dofork", "DOFORK", "0xb"])("may be written %s", async (word) => {
    const { out } = await tool("table", word, "6.12");
    expect(out).toContain("MADV_DOFORK (11)");
  });

  test("that is none is refused everywhere", async () => {
    const { code, out } = await tool("table", "--advice", "9999", "--release", "7.3");
    expect(code).toBe(0);
    expect(lineOf(out, "7.3").slice(1)).toEqual(["EINVAL", "EINVAL", "EINVAL"]);
  });

  test("follows the configuration", async () => {
    const { out } = await tool("table", "collapse", "6.12", "--config", "thp=false");
    expect(out.split("\n")[0]).toBe("MADV_COLLAPSE (25) on x86-64, thp=false");
    expect(lineOf(out, "6.12").slice(1)).toEqual(["EINVAL", "EINVAL", "EINVAL"]);
    const usual = await tool("table", "collapse", "6.12");
    expect(usual.out).toContain("on a whole huge page of private anonymous memory");
  });
});

describe("releases", () => {
  test("are columns, each with all advice", async () => {
    const { out } = await tool("table", "5.9", "6.1", "--remote");
    expect(out.split("\n")[0]).toBe("Advice on x86-64, remote");
    expect(lineOf(out, "advice")).toEqual(["advice", "5.9 *", "6.1"]);
    expect(lineOf(out, "MADV_COLLAPSE")).toEqual(["MADV_COLLAPSE", "25", "ENOSYS", "ok N"]);
  });

  test("one alone has its calls beside each other", async () => {
    const { out } = await tool("table", "--release", "6.13");
    expect(out.split("\n")[0]).toBe("Advice on x86-64, 6.13 *");
    expect(lineOf(out, "advice")).toEqual(["advice", "madvise", "self", "remote"]);
    expect(lineOf(out, "MADV_DONTNEED ")).toEqual([
      ...["MADV_DONTNEED", "4", "ok", "ok", "EINVAL"],
    ]);
  });

  test("of a range that say the same are one column", async () => {
    const { out } = await tool("table", "5.10..6.1", "--remote");
    expect(lineOf(out, "advice").slice(1, 4)).toEqual([
      ...["5.10 to 5.10.23 *", "5.10.24 to 5.10.x ~", "5.11 to 5.11.6 *"],
    ]);
  });

  test("may be adjusted as a vendor does", async () => {
    const vendor = "5.14+process-madvise-willneed";
    const { out } = await tool("table", "willneed", vendor, "--remote");
    expect(lineOf(out, vendor)).toEqual([`${vendor} *`, "ok with CAP_SYS_NICE"]);
  });
});

describe("other architectures", () => {
  test("alpha knows MADV_DONTNEED as 6, and 4 as nothing", async () => {
    const { out } = await tool("table", "6", "6.12", "--arch", "alpha");
    expect(out).toContain("MADV_DONTNEED (6) on alpha (its numbers; answers as on x86-64)");
    const { code, err } = await tool("table", "4", "--arch", "alpha");
    expect([code, err]).toEqual([
      2,
      "kadvise table: 4 is no advice on alpha: MADV_DONTNEED is 6 there\n",
    ]);
  });

  test("arm64 is not checked on a real kernel, i386's entry is", async () => {
    const arm = await tool("table", "cold", "6.12", "--arch", "arm64");
    expect(arm.out).toContain("6.12 *");
    expect(arm.out).not.toContain("other changes");
    const compat = await tool("table", "cold", "6.12.107", "--arch", "i386");
    expect(compat.out).toContain("checked on the real kernels 6.12.107");
    expect((await tool("table", "--arch", "arm64")).out).toContain(
      "It is not checked on a real kernel of this architecture.",
    );
  });

  test("several stand one after the other", async () => {
    const { out } = await tool("table", "cold", "6.12", "--arch", "i386,aarch64");
    expect([...out.matchAll(/^MADV_COLD.*$/gm)].map(([line]) => line)).toEqual([
      "MADV_COLD (20) on i386",
      "MADV_COLD (20) on arm64",
    ]);
  });
});

describe("formats", () => {
  test("markdown is a table", async () => {
    const { out } = await tool("table", "--format", "markdown", "cold", "6.12");
    expect(out).toContain("| kernel | madvise | self | remote |\n| --- | --- | --- | --- |\n");
    expect(out).toContain("| 6.12 | ok | ok | ok with CAP_SYS_NICE |");
  });

  test("json has every stretch, with reason and capabilities", async () => {
    const { out } = await tool("table", "--format", "json", "willneed", "5.10..7.3", "--remote");
    const { schemaVersion, rows } = JSON.parse(out) as { schemaVersion: number; rows: unknown[] };
    expect(schemaVersion).toBe(1);
    expect(rows).toMatchObject([
      {
        ...{ advice: "MADV_WILLNEED", number: 3, call: "remote", arch: "x86-64" },
        kernels: [
          {
            ...{ from: "5.10.0", to: "5.14", answer: "EINVAL", asked: ["5.10.223"] },
            reason: { id: "process_madvise/advice-not-allowed" },
          },
          { from: "5.15.0", to: "7.3", answer: "ok", needs: ["CAP_SYS_NICE"], released: true },
        ],
      },
    ]);
  });

  test("json says of the seed that it was never released, and never checked", async () => {
    const { out } = await tool("table", "--format", "json", "cold", "seed", "--self");
    const { rows } = JSON.parse(out) as { rows: { kernels: unknown[] }[] };
    expect(rows[0].kernels).toMatchObject([
      { from: "seed", released: false, asked: [], note: "not checked on a real kernel" },
    ]);
  });
});

describe("misuse", () => {
  test.each([
    [["7.4"], /unknown release "7\.4".*from 5\.8 to 7\.3/],
    [["debian"], /unknown release "debian"/],
    [["MADV_COLDD"], /did you mean MADV_COLD\?/],
    [["--advice", "4294967296"], /does not fit into 32 bits/],
    [["6.12..5.10"], /begins with the older/],
    [["--arch", "sparc"], /expected x86-64, i386, arm64, alpha, parisc/],
    [["--format", "html"], /expected text, markdown, json/],
    [["--config", "thpp=false"], /did you mean thp\?/],
    [["--relase", "6.12"], /did you mean --release\?/],
  ])("%j is refused", async (words, message) => {
    const { code, out, err } = await tool("table", ...words);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });
});

describe("--on", () => {
  test("asks of memory that refuses some advice, and says of which", async () => {
    const { out } = await tool("table", "cold", "7.0", "7.1", "--on", "vvar");
    expect(out).toContain("MADV_COLD (20) on x86-64, for vvar");
    expect(lineOf(out, "7.0").slice(1)).toEqual(["EINVAL", "EINVAL", "EINVAL"]);
    expect(lineOf(out, "7.1").slice(1)).toEqual(["ok", "ok", "ok with CAP_SYS_NICE"]);
  });

  test("prints ? where nobody knows, with both ends", async () => {
    const { out } = await tool("table", "dofork", "7.0.5", "--on", "vdso", "--madvise");
    expect(lineOf(out, "7.0.5")).toEqual(["7.0.5 *", "?"]);
    expect(out).toContain("[1]  ok or EINVAL: dofork-special came between 6.19.14 and 7.0.13");
  });

  test("says none of releases that have no such memory", async () => {
    const { out } = await tool("table", "cold", "--on", "droppable", "--madvise");
    expect(lineOf(out, "5.8 to 6.10")[1]).toBe("none");
    expect(lineOf(out, "6.11+")[1]).toBe("ok");
    expect(out).toContain("none  the kernel has no such memory");
  });

  test("knows every kind that the table can make, and tells the nearest", async () => {
    const { err, code } = await tool("table", "--on", "vdos");
    expect({ err, code }).toEqual({
      err: `kadvise table: --on vdos: expected ${Object.keys(NAMED_AREAS).join(", ")}; did you mean vdso?\n`,
      code: 2,
    });
  });

  test("names it in the document too", async () => {
    const { out } = await tool("table", "cold", "6.12", "--on", "locked", "--format", "json");
    expect(JSON.parse(out)).toMatchObject({
      on: "locked",
      rows: [{ advice: "MADV_COLD" }, {}, {}],
    });
  });
});
