import { spawn } from "node:child_process";
import { accessSync, chmodSync, constants, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import { AgentClient, type Patience } from "./agentClient.ts";
import { atExit } from "./atExit.ts";
import { buildAgent } from "./buildAgent.ts";
import { CannotRun } from "./cannotRun.ts";
import { describeAgent } from "./describeAgent.ts";
import { IMAGES } from "./images.ts";
import { ProcessConnection } from "./processConnection.ts";
import { ownPrefix, scratchFolder, sweep } from "./scratchFolder.ts";
import { openFolder } from "./openFolder.ts";
import type { Target, TargetFacts } from "./target.ts";

/** How the host's kernel is asked. */
export interface HostOptions {
  /** Which of the allowed processors, from 0 on: shards take one each. */
  readonly processor?: number;
  readonly patience?: Partial<Patience>;
}

const PATIENCE: Patience = { tickMs: 1, operationMs: 1000, silenceMs: 60_000, startMs: 10_000 };

/** The kernel of this machine, asked by an agent that is a child process. */
export class HostTarget implements Target {
  readonly name = "host";
  private readonly folder: string;
  private readonly shared: string;
  private readonly client: AgentClient;
  private readonly callOff: () => void;
  private facts: Promise<TargetFacts> | undefined;

  /** @throws CannotRun where this machine cannot be asked */
  constructor(options: HostOptions = {}) {
    if (process.platform !== "linux") {
      throw new CannotRun(`the target host needs Linux; this is ${process.platform}`);
    }
    if (process.arch !== "x64" && process.arch !== "arm64") {
      throw new CannotRun(`the target host needs x86-64 or arm64; this is ${process.arch}`);
    }
    const agent = buildAgent();
    this.folder = scratchFolder(openFolder());
    const shared = sharedFolder(this.folder);
    if (shared !== this.folder) sweep(shared);
    this.shared = join(shared, `${ownPrefix()}${this.folder.slice(-6)}`);
    this.callOff = atExit(() => this.removeFiles());
    try {
      // Actors of any user execute it and map what lies beside it.
      chmodSync(this.folder, 0o755);
      makeImages(agent, this.folder);
    } catch (error) {
      this.callOff();
      this.removeFiles();
      const why = error instanceof Error ? error.message : String(error);
      throw new CannotRun(`the agent cannot be laid out in ${this.folder}: ${why}`);
    }
    const words = ["serve", this.shared, String(options.processor ?? 0), "isolated"];
    this.client = new AgentClient(
      () =>
        Promise.resolve(
          new ProcessConnection(
            spawn(join(this.folder, "agent"), words, {
              argv0: join(this.folder, "agent"),
              env: {},
              stdio: ["pipe", "pipe", "pipe"],
            }),
            "the agent",
          ),
        ),
      { ...PATIENCE, ...options.patience },
    );
  }

  describe(): Promise<TargetFacts> {
    this.facts ??= this.start();
    return this.facts;
  }

  async run(programs: readonly Program[]): Promise<readonly ProgramResult[]> {
    await this.describe();
    return this.client.run(programs);
  }

  async close(): Promise<void> {
    await this.client.close();
    this.callOff();
    this.removeFiles();
  }

  private removeFiles(): void {
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.shared, { force: true });
  }

  private async start(): Promise<TargetFacts> {
    const hello = await this.client.start();
    const images = Object.fromEntries(
      Object.keys(IMAGES).map((kind) => [
        kind,
        join(this.folder, kind === "plain" ? "agent" : kind),
      ]),
    );
    return describeAgent({
      name: this.name,
      hello,
      images,
      run: (program) => this.client.run([program]).then(([result]) => result),
    });
  }
}

function makeImages(agent: string, folder: string): void {
  for (const [kind, mode] of Object.entries(IMAGES)) {
    const path = join(folder, kind === "plain" ? "agent" : kind);
    copyFileSync(agent, path);
    chmodSync(path, mode);
  }
}

/** A file system in memory, where there is one: nothing is then written back to a disk. */
function sharedFolder(otherwise: string): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return otherwise;
  }
}
