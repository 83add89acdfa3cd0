import { createReadStream, statSync } from "node:fs";

/** A file that cannot be read as a log, and why, in one line. */
export class UnreadableInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnreadableInput";
  }
}

/** How much of a file is looked at to tell text from anything else. */
const PROBE_BYTES = 8192;

/**
 * Reads a file, or standard input for `-`, piece by piece: bytes as code units, so that nothing is
 * lost or guessed.
 *
 * @throws UnreadableInput for a missing file, a directory, a file that is no text
 */
export async function* pieces(path: string): AsyncGenerator<string, void, void> {
  const stream = path === "-" ? process.stdin : openFile(path);
  let probed = 0;
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      if (probed < PROBE_BYTES) {
        probed += bytes.length;
        if (bytes.subarray(0, PROBE_BYTES).includes(0)) {
          throw new UnreadableInput(`${path}: not a strace log (binary data)`);
        }
      }
      yield bytes.toString("latin1");
    }
  } catch (error) {
    if (error instanceof UnreadableInput) throw error;
    throw new UnreadableInput(`${path}: ${reasonOf(error)}`);
  }
}

function openFile(path: string): NodeJS.ReadableStream {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    throw new UnreadableInput(`${path}: ${reasonOf(error)}`);
  }
  if (isDirectory) throw new UnreadableInput(`${path}: is a directory; name the logs in it`);
  return createReadStream(path, { highWaterMark: 1 << 18 });
}

/** The size of a file, where it is known. */
export function sizeOf(path: string): number | undefined {
  if (path === "-") return undefined;
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  return code ?? (error instanceof Error ? error.message : String(error));
}
