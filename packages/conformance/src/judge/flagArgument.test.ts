import { describe, expect, test } from "vitest";
import { Checker } from "./check.ts";

function verdictOf(...lines: readonly string[]): string {
  const checker = new Checker({ kernel: "6.12.107", all: true });
  const log = checker.log("log");
  log.push(`${lines.join("\n")}\n`);
  log.end();
  const last = checker.finish().findings.at(-1);
  return `${last?.syscall ?? ""} ${last?.verdict ?? ""}`;
}

describe("flags count alike as words, as numbers (-X raw), and as both (-X verbose)", () => {
  test.each(["O_RDWR|O_CLOEXEC", "0x80002", "0x80002 /* O_RDWR|O_CLOEXEC */"])(
    "a file that was opened with %s",
    (flags) => {
      const open = `5 openat(AT_FDCWD, "/tmp/f", ${flags}) = 3`;
      expect(verdictOf(open, "5 fcntl(3, F_GETFD) = 0x1")).toBe("fcntl exact");
      expect(verdictOf(open, "5 fcntl(3, F_GETFL) = 0x8002")).toBe("fcntl exact");
    },
  );

  test.each(["S_IFREG|0644", "0100644", "0100644 /* S_IFREG|0644 */"])(
    "a file that fstat calls %s can be mapped",
    (mode) => {
      const verdict = verdictOf(
        '5 openat(AT_FDCWD, "/dev/f", O_RDONLY) = 3',
        `5 newfstatat(3, "", {st_mode=${mode}, st_size=8192, ...}, AT_EMPTY_PATH) = 0`,
        "5 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = -1 ENODEV (No such device)",
      );
      expect(verdict).toBe("mmap deviation");
    },
  );

  test.each(["S_IFCHR|0644", "020644"])("a file that fstat calls %s cannot", (mode) => {
    const verdict = verdictOf(
      '5 openat(AT_FDCWD, "/dev/f", O_RDONLY) = 3',
      `5 newfstatat(3, "", {st_mode=${mode}, st_size=0, ...}, AT_EMPTY_PATH) = 0`,
      "5 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = -1 ENODEV (No such device)",
    );
    expect(verdict).not.toBe("mmap deviation");
  });

  test.each(["O_NONBLOCK|O_CLOEXEC", "0x80800"])("a pipe's ends made with %s", (flags) => {
    const pipe = `5 pipe2([3, 4], ${flags}) = 0`;
    expect(verdictOf(pipe, "5 fcntl(3, F_GETFL) = 0x800")).toBe("fcntl exact");
    expect(verdictOf(pipe, "5 fcntl(4, F_GETFL) = 0x801")).toBe("fcntl exact");
    expect(verdictOf(pipe, "5 fcntl(4, F_GETFD) = 0x1")).toBe("fcntl exact");
  });

  test("a pipe's ends that the log leaves out are not known", () => {
    expect(verdictOf("5 pipe2([...], 0) = 0", "5 close(3) = 0")).not.toBe("close deviation");
  });
});

test.each([
  "5 clone(child_stack=NULL, flags=CLONE_PIDFD|SIGCHLD, parent_tid=[7]) = 700",
  "5 prctl(PR_GET_PDEATHSIG, [SIGKILL]) = 0",
])("a pointer whose memory the log shows leads to memory: %s", (line) => {
  expect(verdictOf("5 set_tid_address(0x7f0000000a10) = 5", line)).not.toMatch(/deviation$/);
});
