import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readAnswers, type KernelAnswers } from "./answers.ts";

const SCRIPT = fileURLToPath(new URL("../../probe/ask.sh", import.meta.url));

/** Asks the kernel that runs here, or the kernel of an image. */
export function ask(image?: string): KernelAnswers {
  const printed = execFileSync(SCRIPT, image === undefined ? [] : [image], { encoding: "utf8" });
  const [kernel] = readAnswers(printed);
  if (kernel === undefined) throw new Error(`${image ?? "this kernel"} gave no answers`);
  return kernel;
}

/** Why kernels cannot be asked here; undefined where they can. */
export function reasonNotToAsk(...tools: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = ["gcc", ...tools].find((tool) => !isInstalled(tool));
  return missing === undefined ? undefined : `needs ${missing}`;
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${tool}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
