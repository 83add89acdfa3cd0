import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

/**
 * A folder for temporary files that processes of any user reach: actors of several users execute
 * what lies there. A private one (TMPDIR of a login, say) gives way to the system's.
 */
export function openFolder(folders: readonly string[] = [tmpdir(), "/tmp", "/var/tmp"]): string {
  return folders.find(isOpenToAll) ?? tmpdir();
}

/** Whether everybody may pass through a folder and all above it. */
function isOpenToAll(folder: string): boolean {
  try {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  } catch {
    return false;
  }
  const above = dirname(folder);
  return above === folder || isOpenToAll(above);
}
