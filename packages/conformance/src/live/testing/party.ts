import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, chmodSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlannedCall } from "../callerProgram.ts";
import type { ProcReader, Said } from "../procFiles.ts";

/** Who a party is. */
export interface PartyOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly euid?: number;
  /** A mask in hexadecimal. */
  readonly caps?: string;
  readonly dumpable?: number;
  readonly userns?: number;
  readonly execs?: number;
}

/** A folder with the compiled program, for as long as a test runs. */
export class PartyGround {
  readonly folder: string = mkdtempSync(join(tmpdir(), "kadvise-party-"));
  readonly program: string = join(this.folder, "party");
  private readonly parties: Party[] = [];
  private made = 0;

  constructor() {
    chmodSync(this.folder, 0o777);
    const source = join(import.meta.dirname, "party.c");
    const { status, stderr } = spawnSync("cc", ["-O2", "-w", "-o", this.program, source], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`party.c: ${stderr}`);
  }

  start(options: PartyOptions): Party {
    const party = new Party(this.program, join(this.folder, String(this.made++)), options);
    this.parties.push(party);
    return party;
  }

  close(): void {
    for (const party of this.parties) party.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A process that is somebody, and can be told to read files and to make calls. */
export class Party implements ProcReader {
  readonly options: PartyOptions;
  readonly pid: number;
  /** Where its memory begins: see party.c. */
  readonly base: number;
  private readonly child: ChildProcess;
  private readonly to: number;
  private readonly from: number;
  private rest: Buffer = Buffer.alloc(0);

  constructor(program: string, path: string, options: PartyOptions) {
    this.options = options;
    for (const end of ["in", "out"])
      spawnSync("mkfifo", ["-m", "666", `${path}.${end}`], { stdio: "ignore" });
    const words = Object.entries(options).map(([name, value]) => `${name}=${String(value)}`);
    this.child = spawn(program, [`${path}.in`, `${path}.out`, ...words], { stdio: "ignore" });
    this.to = openSync(`${path}.in`, "w");
    this.from = openSync(`${path}.out`, "r");
    this.pid = this.child.pid ?? 0;
    this.base = Number.parseInt(this.line().split(" ")[1] ?? "", 16);
  }

  text(path: string): Said {
    return this.ask(`text ${path}`);
  }

  link(path: string): Said {
    return this.ask(`link ${path}`);
  }

  owner(path: string): Said {
    return this.ask(`owner ${path}`);
  }

  list(): Said {
    return { ok: false, error: "ENOSYS" };
  }

  bytes(path: string, offset: number, length: number): Uint8Array | undefined {
    writeSync(this.to, `bytes ${path} ${offset} ${length}\n`);
    const count = Number(this.line().split(" ")[1]);
    return count < 0 ? undefined : this.take(count);
  }

  /** Makes one call at another party; returns bytes or a negative errno, as the register has it. */
  advise(target: number, { advice, ranges }: PlannedCall): number {
    writeSync(this.to, `open ${target}\n`);
    const fd = Number(this.line().split(" ")[1]);
    if (fd < 0) return fd;
    const lines = ranges.map(({ base, length }) => `${base.toString(16)} ${length.toString(16)}\n`);
    writeSync(this.to, `advise ${fd} ${advice} ${ranges.length}\n${lines.join("")}`);
    const answer = Number(this.line().split(" ")[1]);
    writeSync(this.to, `close ${fd}\n`);
    this.line();
    return answer;
  }

  close(): void {
    closeSync(this.to);
    closeSync(this.from);
    this.child.kill("SIGKILL");
  }

  private ask(question: string): Said {
    writeSync(this.to, `${question}\n`);
    const count = Number(this.line().split(" ")[1]);
    return count < 0
      ? { ok: false, error: ERRORS[-count] ?? String(-count) }
      : { ok: true, text: this.take(count).toString("latin1") };
  }

  private line(): string {
    let end = this.rest.indexOf(10);
    while (end < 0) {
      this.fill();
      end = this.rest.indexOf(10);
    }
    const line = this.rest.subarray(0, end).toString("latin1");
    this.rest = this.rest.subarray(end + 1);
    return line;
  }

  private take(count: number): Buffer {
    while (this.rest.length < count) this.fill();
    const bytes = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(count);
    return Buffer.from(bytes);
  }

  private fill(): void {
    const piece = Buffer.alloc(65_536);
    const count = readSync(this.from, piece, 0, piece.length, null);
    if (count === 0) throw new Error(`the party ${JSON.stringify(this.options)} is gone`);
    this.rest = Buffer.concat([this.rest, piece.subarray(0, count)]);
  }
}

const ERRORS: { readonly [number: number]: string } = {
  1: "EPERM",
  2: "ENOENT",
  3: "ESRCH",
  13: "EACCES",
  22: "EINVAL",
};
