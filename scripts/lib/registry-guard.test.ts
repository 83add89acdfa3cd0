import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isLoopback, proveLoopback, publishHere } from "./registry-guard.mjs";

const here = "http://127.0.0.1:4873/";
const elsewhere = "https://registry.example.invalid/";

let checkout = "";
let env: NodeJS.ProcessEnv = {};

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "kadvise-guard-"));
  mkdirSync(join(checkout, "home"));
  manifest({});
  // Only what finds the tools: no setting of whoever runs this test.
  env = { PATH: process.env["PATH"], HOME: join(checkout, "home") };
});
afterEach(() => rmSync(checkout, { recursive: true }));

function manifest(publishConfig: object): void {
  mkdirSync(join(checkout, "packages/one"), { recursive: true });
  writeFileSync(
    join(checkout, "packages/one/package.json"),
    JSON.stringify({ name: "@kadvise/one", version: "0.1.0", publishConfig }),
  );
}

describe("what is this machine", () => {
  test.each([here, "http://127.0.0.1:1", "http://[::1]:4873/"])("%s is", (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  test.each([
    elsewhere,
    "",
    "undefined",
    "127.0.0.1:4873",
    "https://127.0.0.1:4873/",
    "http://127.0.0.1.example.invalid/",
    "http://127.0.0.1@registry.example.invalid/",
    "http://127.0.0.1:4873@registry.example.invalid/",
    "http://localhost.example.invalid/",
  ])("%j is not", (address) => {
    expect(isLoopback(address)).toBe(false);
  });
});

describe("asking pnpm and npm themselves", () => {
  test("it goes on where both were told to stay here", () => {
    const both = { ...env, npm_config_registry: here, pnpm_config_registry: here };
    expect(proveLoopback({ checkout, env: both })).toBe(here);
  });

  test("it stops where only npm was told, for pnpm does not listen to that", () => {
    expect(() => proveLoopback({ checkout, env: { ...env, npm_config_registry: here } })).toThrow(
      /^pnpm config get registry says .* which is not this machine$/,
    );
  });

  test("it stops where only pnpm was told, for changesets asks npm first", () => {
    expect(() => proveLoopback({ checkout, env: { ...env, pnpm_config_registry: here } })).toThrow(
      /^npm config get registry says .* which is not this machine$/,
    );
  });

  test("it stops where the scope has a registry of its own", () => {
    writeFileSync(join(checkout, ".npmrc"), `@kadvise:registry=${elsewhere}\n`);
    const both = { ...env, npm_config_registry: here, pnpm_config_registry: here };
    expect(() => proveLoopback({ checkout, env: both })).toThrow(/@kadvise:registry says/);
  });

  test("it stops where a package names a registry of its own", () => {
    manifest({ registry: elsewhere });
    const both = { ...env, npm_config_registry: here, pnpm_config_registry: here };
    expect(() => proveLoopback({ checkout, env: both })).toThrow(
      "packages/one/package.json names a registry of its own",
    );
  });
});

describe("publishing", () => {
  const published = () => existsSync(join(checkout, "published"));

  /** Puts a pnpm and an npm first that report a registry, and leave a trace of anything else. */
  function tools(registry: string): NodeJS.ProcessEnv {
    const bin = join(checkout, "bin");
    mkdirSync(bin);
    for (const tool of ["pnpm", "npm"]) {
      writeFileSync(
        join(bin, tool),
        "#!/bin/sh\n" +
          `if [ "$1 $2 $3" = "config get registry" ]; then echo "${registry}"\n` +
          `elif [ "$1" = config ]; then echo undefined\n` +
          `else echo "$@" > "${join(checkout, "published")}"; fi\n`,
      );
      chmodSync(join(bin, tool), 0o755);
    }
    return { ...env, PATH: `${bin}${delimiter}${env["PATH"]}` };
  }

  test("nothing is published where the registry is not this machine", () => {
    expect(() => publishHere({ checkout, env: tools(elsewhere) })).toThrow(
      "which is not this machine",
    );
    expect(published()).toBe(false);
  });

  test("it is published where the registry is this machine", () => {
    publishHere({ checkout, env: tools(here) });
    expect(published()).toBe(true);
  });
});
