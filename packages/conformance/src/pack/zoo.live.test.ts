import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveVersion } from "@kadvise/releases";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kernelsFolder } from "../target/kernelImage.ts";
import { kernelVersion } from "../target/kernelVersion.ts";
import { packFiles, readPack } from "./packFiles.ts";
import { tellsApart } from "./packVerdict.ts";
import { reasonNotToBoot, runInGuest } from "./testing/guestRun.ts";
import { readKtap } from "./testing/ktap.ts";
import { recordAnswers } from "./testing/recordedAnswers.ts";

/** Minutes a kernel: a machine that others use too may take ten times as long. */
const LONG = 3_600_000;
const kernels = kernelsFolder();
const releases = existsSync(kernels)
  ? readdirSync(kernels).filter((name) => existsSync(join(kernels, name, "vmlinuz")))
  : [];
const { cases } = readPack();
const folder = mkdtempSync(join(tmpdir(), "kadvise-pack-"));
const sources = packFiles().filter(({ name }) => /\.[ch]$/.test(name));

beforeAll(() => {
  for (const { name, text } of sources) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** KADVISE_ZOO=6.12,7.3 boots these alone; `all` boots all. */
const chosen = process.env["KADVISE_ZOO"] ?? "";

describe.each(releases.length === 0 ? ["6.12"] : releases)("the kernel of line %s", (line) => {
  test(
    "answers as is expected of it, and not as of another",
    { timeout: LONG },
    async ({ skip }) => {
      const isChosen = chosen === "all" || chosen.split(",").includes(line);
      skip(!isChosen, "KADVISE_ZOO does not name it: it takes minutes");
      const reason = releases.length === 0 ? `no kernels in ${kernels}` : reasonNotToBoot();
      skip(reason !== undefined, reason);
      const paths = sources
        .filter(({ name }) => name.endsWith(".c"))
        .map(({ name }) => join(folder, name));
      const other = line === "7.3" ? "5.10.223" : "7.3.4";
      const parts = await runInGuest(join(kernels, line, "vmlinuz"), paths, ["own", other]);
      const ktap = readKtap(parts.get("own") ?? "");
      expect(ktap.cases.map(({ id }) => id)).toEqual(cases.map(({ id }) => id));
      expect(ktap.cases.filter(({ state }) => state === "not ok")).toEqual([]);

      const [, name = "", details = ""] = /^Linux (\S+) (.*)$/.exec(ktap.system) ?? [];
      const own = kernelVersion(name, details) ?? "";
      const answers = readKtap(parts.get(other) ?? "").cases;
      const failing = answers.filter(({ state }) => state === "not ok");
      // What the other release's expectations need, and this machine lacks, is left out by the runner.
      const lacking = new Set(answers.filter(({ state }) => state === "skip").map(({ id }) => id));
      const differing = cases.filter(
        (one) =>
          tellsApart(one, resolveVersion(own), resolveVersion(other)) && !lacking.has(one.id),
      );
      const needy = cases.filter(({ needs }) => needs !== undefined).map(({ id }) => id);
      for (const id of lacking) expect(needy).toContain(id);
      expect(failing.map(({ id }) => id)).toEqual(differing.map(({ id }) => id));
      if (process.env["KADVISE_RECORD"] !== undefined) recordAnswers(own, ktap);
    },
  );
});
