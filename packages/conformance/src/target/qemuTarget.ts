import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import { AgentClient, type Patience } from "./agentClient.ts";
import { atExit } from "./atExit.ts";
import { buildAgent } from "./buildAgent.ts";
import { CannotRun } from "./cannotRun.ts";
import type { Connection } from "./connection.ts";
import { describeAgent } from "./describeAgent.ts";
import { endingWithParent } from "./endingWithParent.ts";
import { IMAGES } from "./images.ts";
import { imagePath, initramfs } from "./initramfs.ts";
import { kernelImage } from "./kernelImage.ts";
import { MailboxConnection, makeMailbox } from "./mailboxConnection.ts";
import { scratchFolder } from "./scratchFolder.ts";
import { swapHeader } from "./swapHeader.ts";
import type { Target, TargetFacts } from "./target.ts";

/** Which kernel is emulated, and how. */
export interface QemuOptions {
  /** A release that has a folder among the kernels: `6.12`. Needless where there is an image. */
  readonly release?: string;
  /** The kernel's image, wherever it lies. */
  readonly image?: string;
  /** The emulator; `qemu-system-x86_64`. */
  readonly emulator?: string;
  readonly patience?: Partial<Patience>;
}

/** An emulated machine is a hundred times slower than this one, and may share it with others. */
const PATIENCE: Patience = {
  tickMs: 20,
  operationMs: 10_000,
  silenceMs: 120_000,
  startMs: 180_000,
};

const EMULATOR = "qemu-system-x86_64";
const SWAP_BYTES = 256 * 2 ** 20;
/** The mailbox and swap. */
const DISKS = 2;

/** A kernel in an emulated machine: one boot serves many programs. */
export class QemuTarget implements Target {
  readonly name: string;
  private readonly emulator: string;
  private readonly image: string;
  private readonly folder: string;
  private readonly client: AgentClient;
  private readonly callOff: () => void;
  private facts: Promise<TargetFacts> | undefined;

  /** @throws CannotRun where there is no emulator, no image or no compiler */
  constructor(options: QemuOptions) {
    const { release, image } = options;
    if (release === undefined && image === undefined)
      throw new RangeError("a release or an image says what is emulated");
    this.name = release === undefined ? "qemu" : `qemu:${release}`;
    this.emulator = options.emulator ?? EMULATOR;
    requireEmulator(this.emulator);
    this.image = image ?? kernelImage(release ?? "");
    if (!existsSync(this.image)) throw new CannotRun(`no kernel image: ${this.image} is not there`);
    const agent = readFileSync(buildAgent(agentCompiler()));
    this.folder = scratchFolder();
    this.callOff = atExit(() => this.removeFiles());
    try {
      writeFileSync(this.file("initramfs"), initramfs(agent));
    } catch (error) {
      this.callOff();
      this.removeFiles();
      const why = error instanceof Error ? error.message : String(error);
      throw new CannotRun(`the machine's files cannot be laid out in ${this.folder}: ${why}`);
    }
    this.client = new AgentClient(() => Promise.resolve(this.boot()), {
      ...PATIENCE,
      ...options.patience,
    });
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
  }

  private async start(): Promise<TargetFacts> {
    const hello = await this.client.start().catch((error: unknown) => {
      // On a busy machine an emulated clock may run so badly that a kernel gives up: once more.
      if (error instanceof CannotRun) return this.client.start();
      throw error;
    });
    return describeAgent({
      name: this.name,
      hello,
      images: Object.fromEntries(Object.keys(IMAGES).map((kind) => [kind, imagePath(kind)])),
      run: (program) => this.client.run([program]).then(([result]) => result),
    });
  }

  /** A machine that has just been switched on; its disks are as new. */
  private boot(): Connection {
    const [mailbox, swap, console] = ["mailbox", "swap", "console"].map((name) => this.file(name));
    makeMailbox(mailbox);
    makeSwap(swap);
    writeFileSync(console, "");
    const [program, words] = endingWithParent(
      this.emulator,
      machine({ image: this.image, initramfs: this.file("initramfs"), mailbox, swap, console }),
    );
    const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
    return new MailboxConnection(child, "the emulated machine", mailbox, console);
  }

  private file(name: string): string {
    return join(this.folder, name);
  }
}

interface MachineFiles {
  readonly image: string;
  readonly initramfs: string;
  readonly mailbox: string;
  readonly swap: string;
  readonly console: string;
}

/**
 * The emulator's words. Without 57-bit addresses, as most machines are; with cx16, newer kernels
 * double-fault under emulation.
 */
function machine(files: MachineFiles): readonly string[] {
  const disk = (id: string, path: string): readonly string[] => [
    ...["-drive", `file=${path},format=raw,if=none,id=${id},cache=unsafe`],
    ...["-device", `nvme,drive=${id},serial=${id}`],
  ];
  return [
    ...["-accel", "tcg,thread=single", "-smp", "1", "-cpu", "max,la57=off,cx16=off"],
    ...["-m", "1024", "-display", "none", "-monitor", "none", "-nodefaults", "-no-reboot"],
    ...["-chardev", `file,id=console,path=${files.console}`, "-serial", "chardev:console"],
    ...["-chardev", "stdio,id=agent,signal=off", "-serial", "chardev:agent"],
    ...disk("mailbox", files.mailbox),
    ...disk("swap", files.swap),
    ...["-kernel", files.image, "-initrd", files.initramfs],
    ...["-append", `console=ttyS0 quiet panic=-1 oops=panic -- ${DISKS}`],
  ];
}

function makeSwap(path: string): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, SWAP_BYTES);
  writeSync(fd, swapHeader(SWAP_BYTES));
  closeSync(fd);
}

function requireEmulator(emulator: string): void {
  const { error, status } = spawnSync(emulator, ["--version"], { stdio: "ignore" });
  if (error !== undefined || status !== 0) {
    throw new CannotRun(`no emulator: "${emulator} --version" failed; install qemu-system-x86`);
  }
}

/** The emulated machine is an x86-64 one, whatever this one is. */
function agentCompiler(): { readonly compiler?: string } {
  return process.arch === "x64" ? {} : { compiler: "x86_64-linux-gnu-gcc" };
}
