import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (...lines: readonly string[]): string =>
  verdicts(log("1 close_range(3, 4294967295, 0) = 0", ...lines))
    .at(-1)!
    .replace(/^\d+ /, "");
const BAD = "-1 EBADF (Bad file descriptor)";
const close = (result: string, fd = 7): string => `1 close(${fd}) = ${result}`;

const message = (type: string, data: string, call = "recvmsg(3, MSG, MSG_CMSG_CLOEXEC)"): string =>
  `1 ${call.replace(
    "MSG",
    `{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=".", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=${type}, cmsg_data=${data}}], msg_controllen=24, msg_flags=0}`,
  )} = 1`;

// 6.18: landlock's tests send a ruleset over a socket.
describe("a descriptor that a message brings", () => {
  const many = "recvmmsg(3, [{msg_hdr=MSG, msg_len=1}], 1, 0, NULL)";
  test.each([
    ["alone", message("SCM_RIGHTS", "[7]")],
    ["with others", message("SCM_RIGHTS", "[6, 7]")],
    ["with its path", message("SCM_RIGHTS", "[7</tmp/a, b>]")],
    ["in one of several messages", message("SCM_RIGHTS", "[7]", many)],
    ["in words that strace does not know", message("0x4 /* SCM_??? */", '"\\7\\0\\0\\0"')],
    [
      "in numbers alone",
      message("0x1", "[0x7]").replace("cmsg_level=SOL_SOCKET", "cmsg_level=0x1"),
    ],
    [
      "in numbers with words",
      message("0x1 /* SCM_RIGHTS */", "[7]")
        .replace("SOL_", "0x1 /* SOL_")
        .replace("SOCKET", "SOCKET */"),
    ],
    ["behind what strace shows", message("SCM_RIGHTS", "[6, ...]")],
  ])("%s is open", (_, line) => {
    expect(last(line, close("0"))).not.toMatch(/deviation/);
  });

  test("is open for sure where the log shows it", () => {
    expect(last(message("SCM_RIGHTS", "[7]"), close("0"))).toBe("close exact");
    expect(last(message("SCM_RIGHTS", "[7]"), close(BAD))).toBe("close deviation");
  });

  test.each([
    ["of another kind", message("SCM_CREDENTIALS", "{pid=1, uid=0, gid=0}")],
    ["another", message("SCM_RIGHTS", "[6]")],
    ["of another level", message("0x1", "[7]").replace("SOL_SOCKET", "SOL_IP")],
    ["none", message("SCM_RIGHTS", "[7]").replace("= 1", BAD)],
  ])("%s is not this one", (_, line) => {
    expect(last(line, close("0"))).toBe("close deviation");
  });

  test("goes with an execve where the receiver wanted so", () => {
    const exec = '1 execve("./other", ["./other"], []) = 0';
    expect(last(message("SCM_RIGHTS", "[7]"), exec, close(BAD))).toBe("close exact");
    const stays = message("SCM_RIGHTS", "[7]").replace("MSG_CMSG_CLOEXEC", "0");
    expect(last(stays, exec, close("0"))).toBe("close exact");
  });
});

// 6.18: the message of a fork that mm/uffd-unit-tests reads.
describe("a userfaultfd that tells of a fork", () => {
  const OPEN = "1 userfaultfd(O_CLOEXEC|O_NONBLOCK) = 3";
  const zeros = "\\0\\0\\0\\0\\0\\0\\0";
  const event = (kind: string): string => `"${kind}${zeros}\\7${zeros}${"\\0".repeat(16)}"`;
  const read = (shown: string, count = 32): string => `1 read(3, ${shown}, ${count}) = ${count}`;

  test("brings that of the child", () => {
    expect(last(OPEN, read(event("\\23")), close("0"))).toBe("close exact");
    expect(last(OPEN, read(event("\\23")), close(BAD))).toBe("close deviation");
  });

  test("brings nobody knows what where the log does not show all", () => {
    expect(last(OPEN, read(`${event("\\22")}...`, 64), close("0"))).not.toMatch(/deviation/);
  });

  test.each([
    ["another event", OPEN, event("\\22")],
    ["what is no event", OPEN, event("a")],
    ["a pipe", "1 pipe2([3, 4], 0) = 0", event("\\23")],
  ])("%s brings none", (_, opens, shown) => {
    expect(last(opens, read(shown), close("0"))).toBe("close deviation");
  });
});
