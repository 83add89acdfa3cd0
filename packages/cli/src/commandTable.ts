import type { CommandEntry } from "./command.ts";

/** The commands; each is loaded when it is called. */
export const COMMANDS: { readonly [name: string]: CommandEntry } = {
  run: {
    summary: "run a scenario on the model or on a real kernel",
    load: async () => (await import("./commands/run.ts")).run,
  },
  check: {
    summary: "judge strace logs: what does Linux allow, and is this it?",
    load: async () => (await import("./commands/check.ts")).check,
  },
  explain: {
    summary: "explain one call of a log, a reason, or an error",
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  why: {
    summary: "what process_madvise on a living process would answer, and why",
    load: async () => (await import("./commands/why.ts")).why,
  },
  record: {
    summary: "run a command under strace, and keep what a log lacks",
    load: async () => (await import("./commands/record.ts")).record,
  },
  fuzz: {
    summary: "run generated scenarios on the model and on a real kernel, and compare",
    load: async () => (await import("./commands/fuzz.ts")).fuzz,
  },
  merge: {
    summary: "add up the reports of a campaign's shards",
    load: async () => (await import("./commands/merge.ts")).merge,
  },
  table: {
    summary: "which advice which Linux takes, from oneself and from others",
    load: async () => (await import("./commands/table.ts")).table,
  },
  diff: {
    summary: "what changed between two releases, with examples that answer differently",
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  pack: {
    summary: "write the curated cases and the C program that asks them on any system",
    load: async () => (await import("./commands/pack.ts")).pack,
  },
  bench: {
    summary: "what the model costs beside a real kernel",
    load: async () => (await import("./commands/bench.ts")).bench,
  },
  completion: {
    summary: "print a script for a shell's completion, or the manual page",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
  demo: {
    summary: "a manager advises 2000 areas of another process",
    load: async () => (await import("./commands/demo.ts")).demo,
  },
};
