import { must, type Result } from "@kadvise/uapi";
import { AccessControl } from "../accessControl.ts";
import { capabilityWords, mayCapset } from "../calls/capget.ts";
import { capset } from "../calls/capset.ts";
import { execCredentials } from "../calls/execCredentials.ts";
import { writeIdMap, writeSetgroups } from "../calls/idMap.ts";
import { prctl } from "../calls/prctl.ts";
import { ptraceAttach } from "../calls/ptraceAttach.ts";
import { setfsgid, setfsuid } from "../calls/setfsuid.ts";
import { setgroups } from "../calls/setgroups.ts";
import { setregid, setreuid } from "../calls/setreuid.ts";
import { setresgid, setresuid } from "../calls/setresuid.ts";
import { setgid, setuid } from "../calls/setuid.ts";
import { createUserNamespace } from "../calls/userNamespace.ts";
import { capabilityHalves, type CapabilitySet } from "../capabilitySet.ts";
import { credentials } from "../credentials.ts";
import { securityFeatures, type SecurityFeatures, type SecuritySettings } from "../features.ts";
import { INVALID_ID } from "../ids.ts";
import { forkSubject } from "../lifecycle.ts";
import { commoncap } from "../policies/commoncap.ts";
import { landlock, type LandlockPolicy } from "../policies/landlock.ts";
import { yama, type YamaScope } from "../policies/yama.ts";
import { subject, type Subject } from "../subject.ts";
import { fromKernelId, shownId } from "../userNamespace.ts";
import { FILES, type ProgramFile } from "./files.ts";

/** What a recording was made under. */
export interface MachineOptions {
  readonly features?: Partial<SecurityFeatures>;
  readonly settings?: SecuritySettings;
  readonly scope?: YamaScope;
}

/**
 * A machine that runs the programs of recordings: lines of calls, such as `setuid 1000; exec
 * suid0`, that recorder.c runs on real kernels.
 */
export class Machine {
  readonly access: AccessControl;
  readonly landlock: LandlockPolicy = landlock();
  readonly init: Subject = subject({ pid: 1, credentials: credentials({ uid: 0 }) });
  readonly kernelThread: Subject = subject({
    pid: 2,
    credentials: credentials({ uid: 0 }),
    isKernelThread: true,
    parent: this.init,
  });
  #nextPid = 50;

  constructor({ features = {}, settings, scope = 0 }: MachineOptions = {}) {
    this.access = new AccessControl({
      features: securityFeatures(features),
      policies: [commoncap(), this.landlock, yama({ scope })],
      ...(settings === undefined ? {} : { settings }),
    });
  }

  /** A new child: root's, of the first process, unless a parent is named. */
  spawn(parent: Subject = this.init): Subject {
    return must(forkSubject(this.access, parent, { pid: this.#nextPid++ }));
  }

  /** Runs a program on a task, and returns what each call returned. */
  run(task: Subject, program: string): string[] {
    const calls = program.split(";").map((call) => call.trim());
    return calls.filter((call) => call !== "").map((call) => this.call(task, call));
  }

  /** Runs one call, and returns what recorder.c prints for it. */
  call(task: Subject, text: string): string {
    const [name = "", ...args] = text.split(/ +/);
    const { access } = this;
    const n = (i: number): number => Number(args[i] ?? 0);
    switch (name) {
      case "setuid":
        return shown(setuid(access, task, n(0)));
      case "setgid":
        return shown(setgid(access, task, n(0)));
      case "setreuid":
        return shown(setreuid(access, task, n(0), n(1)));
      case "setregid":
        return shown(setregid(access, task, n(0), n(1)));
      case "setresuid":
        return shown(setresuid(access, task, n(0), n(1), n(2)));
      case "setresgid":
        return shown(setresgid(access, task, n(0), n(1), n(2)));
      case "setfsuid":
        return shown(setfsuid(access, task, n(0)));
      case "setfsgid":
        return shown(setfsgid(access, task, n(0)));
      case "setgroups":
        return shown(setgroups(access, task, args.map(Number)));
      case "capset":
        return this.#capset(task, args);
      case "prctl":
        return this.#prctl(task, args);
      case "unshare":
        return done(createUserNamespace(access, task), "0");
      case "write":
        return this.#write(task, args);
      case "traced":
        return shown(ptraceAttach(access, this.spawn(task), task));
      case "landlock":
        return shown(this.landlock.restrict(access, task));
      case "exec":
        return this.#exec(task, args[0] ?? "");
      default:
        throw new TypeError(`a recording has the unknown call ${JSON.stringify(text)}`);
    }
  }

  #capset(task: Subject, [version = "", pid = "", ...sets]: readonly string[]): string {
    const header = { version: Number(version), pid: Number(pid), ownPid: task.pid };
    const refusal = mayCapset(this.access, header);
    if (refusal !== undefined) {
      // The kernel has written its own version into the header.
      return refusal.code === "EINVAL" ? "EINVAL/20080522" : refusal.code;
    }
    const isShort = capabilityWords(header.version) === 1;
    const [effective, permitted, inheritable] = sets.map((text) => parseSet(text, isShort));
    if (effective === undefined || permitted === undefined || inheritable === undefined) {
      throw new TypeError("a recorded capset lacks a set");
    }
    return shown(capset(this.access, task, { effective, permitted, inheritable }));
  }

  #prctl(task: Subject, [option = "", ...args]: readonly string[]): string {
    const named = new Map([
      [1, this.init],
      [2, this.kernelThread],
    ]);
    const call = {
      option: Number(option),
      args: args.map(BigInt),
      findTask: (pid: number) => named.get(pid),
    };
    const answer = prctl(this.access, task, call);
    return answer === undefined ? "not ours" : shown(answer);
  }

  #write(task: Subject, [file = "", text = ""]: readonly string[]): string {
    const { userNamespace } = task.credentials;
    if (file === "setgroups") {
      return done(writeSetgroups(this.access, task, userNamespace, text as "allow" | "deny"), "ok");
    }
    const ranges = text.split("|").map((line) => {
      const [inside = 0, outside = 0, count = 0] = line.split("_").map(Number);
      return { inside, outside, count };
    });
    const kind = file === "uid_map" ? "uid" : "gid";
    return done(writeIdMap(this.access, task, userNamespace, kind, ranges), "ok");
  }

  #exec(task: Subject, name: string): string {
    const file = FILES[name];
    if (file === undefined) throw new TypeError(`no recorded program is called ${name}`);
    const answer = execCredentials(this.access, task, {
      owner: file.owner,
      group: file.group,
      setUid: (file.mode & 0o4000) !== 0,
      setGid: (file.mode & 0o2010) === 0o2010,
      isReadable: this.#mayRead(task, file),
      ...(file.capabilities === undefined ? {} : { capabilities: file.capabilities }),
    });
    return answer.ok ? `exec sec=${answer.value.isSecure === true ? "1" : "0"}` : answer.code;
  }

  #mayRead(task: Subject, file: ProgramFile): boolean {
    const { credentials: c } = task;
    const isOwner = c.fsuid === file.owner;
    const isMember = c.fsgid === file.group || c.groups.includes(file.group);
    const bits = isOwner ? file.mode >> 6 : isMember ? file.mode >> 3 : file.mode;
    if ((bits & 4) !== 0) return true;
    const isNamed =
      fromKernelId(c.userNamespace, "uid", file.owner) !== INVALID_ID &&
      fromKernelId(c.userNamespace, "gid", file.group) !== INVALID_ID;
    const has = (name: "CAP_DAC_OVERRIDE" | "CAP_DAC_READ_SEARCH"): boolean =>
      this.access.capable(task, name, c.userNamespace).ok;
    return isNamed && (has("CAP_DAC_OVERRIDE") || has("CAP_DAC_READ_SEARCH"));
  }
}

/** The state of a task as recorder.c prints it. */
export function stateOf({ credentials: c, exec, noNewPrivs }: Subject): string {
  const uid = (id: number): number => shownId(c.userNamespace, "uid", id);
  const gid = (id: number): number => shownId(c.userNamespace, "gid", id);
  return [
    `u=${[c.uid, c.euid, c.suid, c.fsuid].map(uid).join(",")}`,
    `g=${[c.gid, c.egid, c.sgid, c.fsgid].map(gid).join(",")}`,
    `G=${c.groups.map(gid).join(",")}`,
    `P=${hex(c.permitted)}`,
    `E=${hex(c.effective)}`,
    `I=${hex(c.inheritable)}`,
    `B=${hex(c.bounding)}`,
    `A=${hex(c.ambient)}`,
    `sb=${String(c.securebits)}`,
    `d=${String(exec.dumpable)}`,
    `n=${noNewPrivs ? "1" : "0"}`,
  ].join(" ");
}

function hex(set: CapabilitySet): string {
  return ((BigInt(set.hi) << 32n) | BigInt(set.lo)).toString(16);
}

function parseSet(text: string, isShort: boolean): CapabilitySet {
  const value = BigInt(text);
  return capabilityHalves(
    Number(value & 0xffff_ffffn),
    isShort ? 0 : Number((value >> 32n) & 0xffff_ffffn),
  );
}

function shown(result: Result<number>): string {
  return result.ok ? String(result.value) : result.code;
}

function done(result: Result<unknown>, text: string): string {
  return result.ok ? text : result.code;
}
