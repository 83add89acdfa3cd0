import { spawnSync } from "node:child_process";

/** What asks Linux for a signal at the parent's end, and then becomes the command (util-linux 2.33). */
const WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] as const;

let isThere: boolean | undefined;

/** Whether a command can be made to end with its parent here. */
export function canEndWithParent(): boolean {
  const [program, ...words] = WITH_PARENT;
  isThere ??= spawnSync(program, [...words, "true"], { stdio: "ignore" }).status === 0;
  return isThere;
}

/**
 * The words of a command that ends as soon as the thread that started it does, however that ends:
 * after SIGKILL nobody is left to end it. Where that cannot be had, the words as they are.
 *
 * Linux: kernel/sys.c PR_SET_PDEATHSIG, which stays over execve
 */
export function endingWithParent(
  program: string,
  words: readonly string[],
): readonly [program: string, words: readonly string[]] {
  if (!canEndWithParent()) return [program, words];
  const [wrapper, ...before] = WITH_PARENT;
  return [wrapper, [...before, program, ...words]];
}
