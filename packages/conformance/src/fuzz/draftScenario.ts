import { MAP_ARENA, type Draft } from "./operations.ts";
import { CAST, Stage } from "./stage.ts";

/** What a kernel must have for a scenario. */
export interface DraftOptions {
  readonly hasI386: boolean;
  /** Whether processes of several users can be made. */
  readonly isRoot: boolean;
}

/**
 * Writes the scenario that a draft makes: the processes that act, what they begin with, then one
 * line a step.
 */
export function draftScenario(draft: Draft, options: DraftOptions): string {
  const stage = new Stage();
  const lines: string[] = [];
  const called = new Set<string>();
  const opens = CAST.flatMap(({ name }, i) => (draft.opened[i] === true ? [name] : []));
  // Who opens any opens all, in the same order: one name is good for all.
  const opened = opens.map((name) => ({ name, descriptor: stage.bindDescriptor() }));
  for (const step of draft.steps) {
    const process = stage.awake(stage.process(step.who));
    stage.acting = process;
    const written = step.write(stage);
    if (written === undefined) continue;
    called.add(process);
    for (const line of typeof written === "string" ? [written] : written) {
      const { who, text } = typeof line === "string" ? { who: process, text: line } : line;
      for (const [, name = ""] of text.matchAll(/\$([a-z]+)\b/g)) called.add(name);
      lines.push(`${who}${step.compat && options.hasI386 ? "/i386" : ""}  ${text}`);
    }
  }
  const users = new Set(
    lines.flatMap((line) => (NEEDS_DESCRIPTORS.test(line) ? [/^\w+/.exec(line)?.[0] ?? ""] : [])),
  );
  const isUsed = lines.some((line) => USES_DESCRIPTOR.test(line));
  if (isUsed) for (const { name } of opened) called.add(name);
  const cast = CAST.filter(({ name }) => called.has(name));
  return [
    ...cast.map(({ name, spawn }) => `${name}  ${options.isRoot ? spawn : "spawn()"}`),
    ...cast.flatMap(({ name }) =>
      draft.mapped[CAST.findIndex((one) => one.name === name)] === true
        ? [`${name}  ${MAP_ARENA}`]
        : [],
    ),
    ...(isUsed
      ? cast.flatMap((one) =>
          users.has(one.name)
            ? opened.map(
                ({ name, descriptor }) => `${one.name}  pidfd_open($${name}, 0) = ${descriptor}`,
              )
            : [],
        )
      : []),
    ...lines,
    "",
  ].join("\n");
}

const USES_DESCRIPTOR = /[(,] ?\$fd/;
/** Names a descriptor, or makes a process that inherits them. */
const NEEDS_DESCRIPTORS = /[(,] ?\$fd|\b(v?fork|clone3?)\(/;
