import { integerOf, type Value } from "@kadvise/strace";
import { SYSTEM_CALLS, type DecodedArgument, type SystemCall } from "@kadvise/syscalls";
import { CLONE, SYSCALL_NUMBERS } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { decodeArguments } from "../notation/decode.ts";
import { NotShown } from "../notation/notShown.ts";
import { ProgramBuilder, type DataPiece } from "../program/programBuilder.ts";
import type { Gate, Operand, Program, Relocation } from "../program/program.ts";
import type { StartState } from "../target/startState.ts";
import { addOwnStep } from "./ownSteps.ts";
import type { Step } from "./parse.ts";
import { operandOf, pidPlaceholder, resultPlaceholder } from "./placeholder.ts";
import { readViews, type ViewOptions } from "./readViews.ts";
import { ScenarioMisuse } from "./run.ts";
import { cloneFlags, gateOf, isRanges, relocationsIn, scalarOf } from "./stepArguments.ts";

/** A scenario as a program, and which operation is which step. */
export interface CompiledScenario {
  readonly program: Program;
  readonly steps: readonly CompiledStep[];
  /** The names of processes with their actors. */
  readonly actors: ReadonlyMap<string, number>;
  readonly places: Places;
}

/** One step of a scenario in a program. */
export interface CompiledStep {
  readonly step: Step;
  readonly actor: number;
  /** The operations that make the step up; the last one's result is the step's. */
  readonly operations: readonly number[];
  /** The call, where it is one that is modelled. */
  readonly call?: SystemCall;
  /** Which operation reads what the call wrote, by parameter. */
  readonly outputs: ReadonlyMap<number, number>;
  /** The name that the result is bound to here. */
  readonly binds?: string;
  /** Which operations read the maps of which actor behind the step. */
  readonly maps: ReadonlyMap<number, number>;
  /** Which operations read other views of memory there. */
  readonly views: readonly number[];
}

/** What a scenario is compiled for. */
export interface CompileOptions {
  readonly abi: "x86-64" | "arm64";
  /** The path of the program that execve executes there. */
  readonly image: string;
  /** The maps of all processes are read behind each n-th step, and behind the last. */
  readonly mapsEvery?: number;
  /** What else is read where maps are. */
  readonly views?: ViewOptions;
  /** Addresses that have a name in every process there: `$vdso`, `$stack`. */
  readonly places?: Places;
}

/** Where areas lie that have a name, by that name: `$vdso`, `$vvar`, `$stack`; `$brk` the heap. */
export type Places = ReadonlyMap<string, bigint>;

/** The places of a process that begins so. */
export function placesOf({ areas, startBreak }: StartState): Places {
  const places = new Map([["$brk", BigInt(startBreak)]]);
  for (const { name, start } of areas) {
    const word = /^\[(\w+)\]$/.exec(name)?.[1];
    if (word !== undefined && !places.has(`$${word}`)) places.set(`$${word}`, BigInt(start));
  }
  return places;
}

/** Most steps write nothing, and no maps are read behind them. */
const NONE: ReadonlyMap<number, number> = new Map();
/** A generated process has a hundred areas at most, of a hundred bytes each. */
const MAPS_BYTES = 0x8000;

/**
 * Makes a program of a scenario, so that a real kernel can run it.
 *
 * @throws ScenarioMisuse for a step that makes no sense there
 */
export function compileScenario(steps: readonly Step[], options: CompileOptions): CompiledScenario {
  return new Compiler(steps, options).compile();
}

class Compiler {
  private readonly steps: readonly Step[];
  private readonly options: CompileOptions;
  private readonly builder: ProgramBuilder;
  private readonly actors: Map<string, number> = new Map();
  private readonly bound: Map<string, { readonly operation: number; readonly actor?: number }> =
    new Map();
  private readonly compiled: CompiledStep[] = [];
  /** At how many places views were read. */
  private viewPlaces = 0;
  /** Of the present step. */
  private outputs: ReadonlyMap<number, number> = NONE;

  constructor(steps: readonly Step[], options: CompileOptions) {
    this.steps = steps;
    this.options = options;
    for (const name of firstNames(steps)) this.actors.set(name, this.actors.size);
    this.builder = new ProgramBuilder({ actors: this.actors.size, abi: options.abi });
  }

  compile(): CompiledScenario {
    for (const [i, step] of this.steps.entries()) this.step(step, this.readsMaps(i));
    const { builder, compiled, actors } = this;
    const { places = new Map() } = this.options;
    return { program: builder.build(), steps: compiled, actors, places };
  }

  private readsMaps(index: number): boolean {
    const { mapsEvery } = this.options;
    if (mapsEvery === undefined) return false;
    return (index + 1) % mapsEvery === 0 || index + 1 === this.steps.length;
  }

  private step(step: Step, readsMaps: boolean): void {
    const actor = this.actorOf(step);
    const first = this.builder.operations.length;
    this.outputs = NONE;
    const call = SYSTEM_CALLS.get(step.name);
    const child = this.perform(step, actor, call);
    const { outputs } = this;
    const last = this.builder.operations.length - 1 - outputs.size;
    const binds = this.bind(step, last, child);
    // A signal takes its time; what follows finds it delivered.
    if (TELLS_LATE.has(step.name))
      for (const other of this.everyActor()) this.builder.settle(other);
    this.compiled.push({
      step,
      actor,
      operations: Array.from({ length: last - first + 1 }, (_, i) => first + i),
      ...(call === undefined ? {} : { call }),
      outputs,
      ...(binds === undefined ? {} : { binds }),
      maps: readsMaps ? this.readMaps() : NONE,
      views: readsMaps ? this.readViews() : [],
    });
  }

  private actorOf(step: Step): number {
    const { process } = step;
    const bound = this.bound.get(process) ?? this.bound.get(`$${process}`);
    if (bound?.actor !== undefined) return bound.actor;
    const actor = this.actors.get(process);
    if (actor !== undefined) return actor;
    throw new ScenarioMisuse(step.line, `no process was bound to ${process} before this line`);
  }

  /** Adds the step's operations; returns the actor that it makes, if it makes one. */
  private perform(step: Step, actor: number, call: SystemCall | undefined): number | undefined {
    const { builder, options } = this;
    const integer = (i: number): number | bigint => this.integer(step, i);
    const placed = { ...options, actor, integer };
    if (addOwnStep(builder, step, placed)) return undefined;
    return this.systemCall(step, actor, call);
  }

  private systemCall(step: Step, actor: number, call: SystemCall | undefined): number | undefined {
    if (call === undefined) {
      throw new ScenarioMisuse(
        step.line,
        `"${step.name}" is no call that is modelled; touch, load, store, show, write, ksm, spawn and raw stand for what is none`,
      );
    }
    const { builder } = this;
    const gate = gateOf(step);
    const number = SYSCALL_NUMBERS[call.name]?.[gate === "i386" ? "i386" : this.options.abi];
    if (number === undefined || number === null) {
      throw new ScenarioMisuse(step.line, `this gate has no call ${call.name}`);
    }
    const decoded = this.decode(step, call);
    const relocations: Relocation[] = [];
    const pieces = new Map<number, DataPiece>();
    const args = decoded.map((argument, i): Operand => {
      const piece = this.placed(argument, gate);
      if (piece === undefined) return scalarOf(step, argument);
      pieces.set(i, piece);
      relocations.push(...piece.relocations);
      return { data: piece.offset };
    });
    if (call.returns === "nothing") {
      builder.add({ kind: "exit", actor, number, args, relocations, gate });
      return undefined;
    }
    if (FORKS.has(call.name)) {
      const flags = cloneFlags(call, decoded);
      return builder.fork(actor, number, args, {
        ...{ gate, relocations },
        vfork: call.name === "vfork" || (flags & CLONE.CLONE_VFORK) !== 0,
        sibling: (flags & CLONE.CLONE_PARENT) !== 0,
      });
    }
    builder.call(actor, number, args, { gate, relocations });
    for (const [i, piece] of pieces) {
      const kind = call.parameters[i]?.kind;
      const isOutput = typeof kind === "object" && "structure" in kind && kind.direction !== "in";
      if (!isOutput) continue;
      const reading = builder.load(actor, { data: piece.offset }, piece.bytes);
      this.outputs = new Map([...this.outputs, [i, reading]]);
    }
    return undefined;
  }

  private decode(step: Step, call: SystemCall): readonly DecodedArgument[] {
    try {
      const { args } = decodeArguments(call, step.args, (word) => this.numberOf(word));
      // What a structure's pointers lead to has no place in a program yet: they are null there.
      return args.map((argument) =>
        typeof argument === "object" && argument !== null && "pointers" in argument
          ? argument.bytes
          : argument,
      );
    } catch (error) {
      if (error instanceof NotShown)
        throw new ScenarioMisuse(step.line, `${error.message} is not a value: is a name unbound?`);
      throw error;
    }
  }

  /** A structure or text finds its place in the data that all processes see. */
  private placed(argument: DecodedArgument, gate: Gate): DataPiece | undefined {
    const { builder } = this;
    if (argument instanceof Uint8Array) return builder.place(argument, relocationsIn(argument));
    if (typeof argument === "string") {
      return builder.place(Uint8Array.from(Buffer.from(`${argument}\0`, "latin1")));
    }
    if (!isRanges(argument)) return undefined;
    const ranges = argument.map(({ base, length }) => ({
      base: operandOf(base),
      length: operandOf(length),
    }));
    return builder.vector(ranges, gate);
  }

  private integer(step: Step, i: number): number | bigint {
    const value: Value | undefined = step.args[i]?.value;
    const number =
      value === undefined
        ? undefined
        : integerOf(value, (word) => this.numberOf(word) ?? constant(word));
    if (number === undefined) {
      throw new ScenarioMisuse(step.line, `${step.name} needs a number as argument ${i + 1}`);
    }
    return number;
  }

  private numberOf(word: string): bigint | undefined {
    const bound = this.bound.get(word);
    if (bound?.actor !== undefined) return pidPlaceholder(bound.actor);
    if (bound !== undefined) return resultPlaceholder(bound.operation);
    const actor = this.actors.get(word.replace(/^\$/, ""));
    return actor === undefined ? this.options.places?.get(word) : pidPlaceholder(actor);
  }

  private bind(step: Step, operation: number, child: number | undefined): string | undefined {
    const expression = step.expected?.expression;
    const name = expression?.kind === "name" ? expression.text : undefined;
    if (name === undefined || this.bound.has(name)) return undefined;
    this.bound.set(name, { operation, ...(child === undefined ? {} : { actor: child }) });
    return name;
  }

  private readMaps(): ReadonlyMap<number, number> {
    return new Map(
      this.everyActor().map((actor) => [actor, this.builder.observe(actor, "maps", MAPS_BYTES)]),
    );
  }

  private readViews(): readonly number[] {
    const { views } = this.options;
    if (views === undefined) return [];
    const before = this.viewPlaces++;
    const number = this.compiled.length;
    const place = number + 1 === this.steps.length ? { before, last: number } : { before };
    return readViews(this.builder, this.everyActor(), views, place);
  }

  private everyActor(): readonly number[] {
    const children = [...this.bound.values()].map(({ actor }) => actor);
    return [...this.actors.values(), ...children.filter((actor) => actor !== undefined)];
  }
}

const FORKS: ReadonlySet<string> = new Set(["fork", "vfork", "clone", "clone3"]);

/** Calls whose signals take their time: an end reaches the other threads as one. */
const TELLS_LATE: ReadonlySet<string> = new Set([
  ...["kill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "exit", "exit_group"],
]);

/** The processes that are there from the beginning: the names that nothing is bound to. */
function firstNames(steps: readonly Step[]): ReadonlySet<string> {
  const bound = new Set<string>();
  const names = new Set<string>();
  for (const { process, expected } of steps) {
    if (!bound.has(process) && !bound.has(`$${process}`) && !process.startsWith("$")) {
      names.add(process);
    }
    if (expected?.expression?.kind === "name") bound.add(expected.expression.text);
  }
  return names;
}
