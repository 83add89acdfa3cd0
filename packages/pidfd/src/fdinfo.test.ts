import { O } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { pidfdFdinfo, pidfdStatusFlags } from "./fdinfo.ts";
import { Pidfd } from "./pidfd.ts";
import { Machine } from "./testing/machine.ts";

const text = (file: Pidfd<string>, closeOnExec = true): string =>
  pidfdFdinfo({ file, closeOnExec });

describe("fdinfo of a pidfd", () => {
  test("tells the number, in the initial namespace twice, and flags in octal", () => {
    const { pid } = new Machine({ firstNumber: 700 }).child();
    expect(text(new Pidfd(pid))).toBe("pos:\t0\nflags:\t02000002\nPid:\t701\nNSpid:\t701\n");
  });

  test("tells the mark of the slot, not of the file", () => {
    const { pid } = new Machine().child();
    expect(text(new Pidfd(pid), false)).toContain("flags:\t02\n");
  });

  test.each([
    [{ nonblock: true }, "02004002", O.O_RDWR | O.O_NONBLOCK],
    [{ threadOnly: true }, "02000202", O.O_RDWR | O.O_EXCL],
    [{ nonblock: true, threadOnly: true }, "02004202", O.O_RDWR | O.O_NONBLOCK | O.O_EXCL],
  ])("of %o shows %s", (options, flags, status) => {
    const file = new Pidfd(new Machine().child().pid, options);
    expect(text(file)).toContain(`flags:\t${flags}\n`);
    expect(pidfdStatusFlags(file)).toBe(status);
  });

  test("shows what F_SETFL added", () => {
    const file = new Pidfd(new Machine().child().pid);
    file.statusFlags = O.O_APPEND;
    expect(text(file)).toContain("flags:\t02002002\n");
  });

  test("tells a zombie's number, and -1 once it was waited for", () => {
    const machine = new Machine();
    const { pid } = machine.zombie();
    expect(text(new Pidfd(pid))).toContain(`Pid:\t${pid.number}\n`);
    machine.wait();
    expect(text(new Pidfd(pid))).toMatch(/Pid:\t-1\nNSpid:\t-1\n$/);
  });
});
