const pending = new Set<() => void>();

/**
 * Has something done when this process ends, however it ends: an emulator would otherwise go on for
 * ever. Returns what calls it off.
 */
export function atExit(action: () => void): () => void {
  if (pending.size === 0) process.once("exit", runAll);
  pending.add(action);
  return () => {
    pending.delete(action);
    if (pending.size === 0) process.removeListener("exit", runAll);
  };
}

function runAll(): void {
  for (const action of pending) action();
}
