import { PROTOCOL_VERSION } from "../program/layout.ts";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import { CannotRun } from "./cannotRun.ts";
import { factsProgram, readFacts, type FactsRead } from "./factsProgram.ts";
import { kernelVersion } from "./kernelVersion.ts";
import { credentialsIn, numbersOf, parseLimits, parseStatus } from "./procStatus.ts";
import { settingsOf } from "./settingsOf.ts";
import { parseSmaps } from "./smaps.ts";
import type { StartState } from "./startState.ts";
import type { TargetFacts } from "./target.ts";

/** An agent that has said hello. */
export interface GreetedAgent {
  readonly name: string;
  readonly hello: string;
  readonly images: TargetFacts["images"];
  run(program: Program): Promise<ProgramResult>;
}

/** Asks an agent what its kernel is, and how its actors begin. @throws CannotRun */
export async function describeAgent(agent: GreetedAgent): Promise<TargetFacts> {
  const hello = new Map(
    agent.hello.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  if (Number(hello.get("protocol")) !== PROTOCOL_VERSION) {
    throw new CannotRun(
      `the agent speaks protocol ${hello.get("protocol")}, not ${PROTOCOL_VERSION}`,
    );
  }
  if (hello.get("randomized") === "1") {
    throw new CannotRun(
      "addresses cannot be fixed here: personality(ADDR_NO_RANDOMIZE) is refused",
    );
  }
  const release = hello.get("release") ?? "";
  const version = hello.get("version") ?? "";
  const abi = hello.get("machine") === "aarch64" ? "arm64" : "x86-64";
  const result = await agent.run(factsProgram(abi, agent.images["plain"]));
  if (result.end !== "complete") throw new CannotRun(`the agent cannot observe: ${result.end}`);
  const read = readFacts(result);
  return {
    name: agent.name,
    release,
    version,
    kernel: kernelVersion(release, version) ?? release,
    abi,
    hasI386: hello.get("gateI386") === "1",
    settings: settingsOf(read, Number(hello.get("pageBytes"))),
    start: startState(read, hello, "start"),
    executed: startState(read, hello, "executed"),
    images: agent.images,
    facts: Object.fromEntries([...hello, ...read.files, ...read.answers].map(asText)),
  };
}

function asText([name, value]: readonly [string, string | bigint]): [string, string] {
  return [name, String(value).trimEnd()];
}

/**
 * Fields 26 to 28 and 45 to 47 of /proc/PID/stat, counted from the fourth on: the second is a name, which may
 * hold anything, the third a letter. Linux: fs/proc/array.c do_task_stat
 */
const START_CODE = 26 - 4;
const END_CODE = 27 - 4;
const START_STACK = 28 - 4;
const START_DATA = 45 - 4;
const END_DATA = 46 - 4;
const START_BREAK = 47 - 4;

function startState(
  read: FactsRead,
  hello: ReadonlyMap<string, string>,
  which: "start" | "executed",
): StartState {
  const texts = read[which];
  const smaps = texts.get("smaps");
  const stat = texts.get("stat") ?? "";
  if (smaps === undefined) throw new CannotRun("the agent cannot read /proc/PID/smaps");
  const status = parseStatus(texts.get("status") ?? "");
  const fields = numbersOf(stat.slice(stat.lastIndexOf(")") + 4));
  const startBreak = fields[START_BREAK] ?? 0;
  return {
    areas: parseSmaps(smaps, Number(hello.get("pageBytes"))),
    startBreak,
    break: startBreak,
    startStack: fields[START_STACK] ?? 0,
    startCode: fields[START_CODE] ?? 0,
    endCode: fields[END_CODE] ?? 0,
    dataBytes: (fields[END_DATA] ?? 0) - (fields[START_DATA] ?? 0),
    name: status.get("Name") ?? "agent",
    credentials: {
      ...credentialsIn(status),
      securebits: Number(read.answers.get("securebits") ?? 0n),
      dumpable: Number(read.answers.get("dumpable") ?? 1n),
    },
    limits: parseLimits(texts.get("limits") ?? ""),
    supervisor: Number(hello.get("supervisor")),
    inherited: which === "start",
  };
}
