import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpioArchive } from "../../target/cpio.ts";

const GUEST_SOURCE = fileURLToPath(new URL("guest.c", import.meta.url));
const TIME_MS = 3_000_000;

/** Why no machine can be emulated here, or undefined. */
export function reasonNotToBoot(): string | undefined {
  for (const tool of ["cc", "qemu-system-x86_64"]) {
    if (spawnSync(tool, ["--version"]).status !== 0) return `needs ${tool}`;
  }
  return undefined;
}

/** Builds C sources into one program. */
export function build(
  output: string,
  sources: readonly string[],
  flags: readonly string[] = [],
): void {
  execFileSync(process.env["CC"] ?? "cc", [...flags, "-O1", "-o", output, ...sources]);
}

/**
 * Boots a kernel, has it run the runner once for each word (a release, or `own`), and returns
 * what that printed, by word.
 */
export async function runInGuest(
  image: string,
  runnerSources: readonly string[],
  words: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "kadvise-pack-"));
  try {
    const file = (name: string): string => join(folder, name);
    build(file("runner"), runnerSources, ["-static"]);
    build(file("init"), [GUEST_SOURCE], ["-static"]);
    writeFileSync(
      file("initramfs"),
      cpioArchive([
        ...["dev", "proc", "tmp"].map((path) => ({ path, mode: 0o040755 })),
        {
          path: "dev/console",
          mode: 0o020600,
          device: { major: 5, minor: 1 },
        },
        { path: "init", mode: 0o100755, content: readFileSync(file("init")) },
        { path: "runner", mode: 0o100755, content: readFileSync(file("runner")) },
      ]),
    );
    await boot(image, file, words);
    return partsOf(existsSync(file("output")) ? readFileSync(file("output"), "latin1") : "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function boot(
  image: string,
  file: (name: string) => string,
  words: readonly string[],
): Promise<void> {
  const machine = spawn(
    "nice",
    [
      ...["-n", "5", "qemu-system-x86_64", "-accel", "tcg,thread=single", "-smp", "1"],
      ...["-cpu", "max,la57=off,cx16=off", "-m", "1024", "-display", "none", "-monitor", "none"],
      ...["-nodefaults", "-no-reboot", "-serial", `file:${file("console")}`],
      ...["-serial", `file:${file("output")}`, "-kernel", image, "-initrd", file("initramfs")],
      ...["-append", `console=ttyS0 quiet panic=-1 oops=panic -- ${words.join(" ")}`],
    ],
    { stdio: "ignore", timeout: TIME_MS },
  );
  return new Promise((resolve, reject) => {
    machine.once("exit", () => resolve());
    machine.once("error", reject);
  });
}

/** What stands before each line `== end WORD STATUS`. */
function partsOf(output: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  let text = "";
  for (const line of output.replaceAll("\r", "").split("\n")) {
    const end = /^== end (\S+) \d+$/.exec(line);
    if (end === null) text += `${line}\n`;
    else {
      parts.set(end[1] ?? "", text);
      text = "";
    }
  }
  return parts;
}
