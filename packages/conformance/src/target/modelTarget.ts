import { profile, type Profile } from "@kadvise/releases";
import { KTHREADD } from "@kadvise/syscalls";
import { ModelMachine } from "../model/modelMachine.ts";
import type { Program } from "../program/program.ts";
import { NOT_REACHED, type OperationResult, type ProgramResult } from "../program/result.ts";
import type { Target, TargetFacts } from "./target.ts";

/** Which kernel is modelled. */
export interface ModelOptions {
  /** What a real kernel said of itself: its version, its settings, how its processes begin. */
  readonly facts: TargetFacts;
  /** Another kernel than that, with the same processes: `5.10`, `6.12+pidfd-self`. */
  readonly kernel?: string;
}

/** The model, run as a kernel: processes begin as those of a real one were seen to begin. */
export class ModelTarget implements Target {
  readonly name = "model";
  readonly profile: Profile;
  private readonly facts: TargetFacts;
  private nextPid: number;

  /** @throws RangeError for a kernel that no data describes */
  constructor({ facts, kernel = facts.kernel }: ModelOptions) {
    this.facts = { ...facts, name: "model", kernel };
    this.profile = profile(kernel, { settings: facts.settings, assume: "all" });
    this.nextPid = Math.max(facts.start.supervisor, KTHREADD) + 1;
  }

  describe(): Promise<TargetFacts> {
    return Promise.resolve(this.facts);
  }

  run(programs: readonly Program[]): Promise<readonly ProgramResult[]> {
    return Promise.resolve(programs.map((program) => this.runNow(program)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Runs one program, at once. */
  runNow(program: Program): ProgramResult {
    const { facts, profile } = this;
    const machine = new ModelMachine({ facts, profile, program, firstPid: this.nextPid });
    let isHung = false;
    for (const operation of program.operations) {
      machine.choices.begin({});
      const result: OperationResult = isHung ? NOT_REACHED : machine.perform(operation);
      machine.keep(result);
      isHung ||= result.state === "hung";
    }
    // An actor that was never made has no number.
    const pids = Array.from(machine.pids, (pid) => pid ?? 0);
    this.nextPid = Math.max(this.nextPid, ...pids.map((pid) => pid + 1));
    return { end: isHung ? "hung" : "complete", operations: machine.results, pids };
  }
}
