import { MPOL, MPOL_F, MPOL_MF, MPOL_MODE_FLAG, must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, decoded, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import { policyOf, policyText } from "./policy.ts";

const { MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE, MPOL_LOCAL } = MPOL;
const { MPOL_F_STATIC_NODES: STATIC, MPOL_F_RELATIVE_NODES: RELATIVE } = MPOL_MODE_FLAG;
const { MPOL_F_NUMA_BALANCING: BALANCING } = MPOL_MODE_FLAG;
const { MPOL_F_NODE, MPOL_F_ADDR, MPOL_F_MEMS_ALLOWED } = MPOL_F;
const { MPOL_MF_STRICT, MPOL_MF_MOVE, MPOL_MF_MOVE_ALL } = MPOL_MF;
const NOWHERE = 0x1000;
const MODE = "EINVAL mempolicy/mode";
const NODES = "EINVAL mempolicy/nodes";
const at = (page: number): number => HEAP + page * PAGE;

const on = (release: string): Task => taskWithPages(8, { release });

/** The bytes of a mask; null for none. */
function mask(nodes: bigint | null): Uint8Array | null {
  if (nodes === null) return null;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, nodes, true);
  return bytes;
}

const set = (task: Task, mode: number, nodes: bigint | null = null, length = 64): number | string =>
  said(decoded(task, "set_mempolicy", mode, mask(nodes), length).outcome);
const bind = (
  task: Task,
  [page, pages]: readonly [number, number],
  mode: number,
  nodes: bigint | null = null,
  flags = 0,
): number | string =>
  said(decoded(task, "mbind", at(page), pages * PAGE, mode, mask(nodes), 64, flags).outcome);

/** Mode and nodes as get_mempolicy tells them, or its error. */
function told(task: Task, address = 0, flags = 0): readonly [number, bigint] | string {
  const args = [new Uint8Array(4), new Uint8Array(8), 64, address, flags] as const;
  const { outcome, outputs } = decoded(task, "get_mempolicy", ...args);
  if (!outcome.ok) return String(said(outcome));
  const [value, nodes] = outputs.map((one) => new DataView((one ?? new Uint8Array(8)).buffer));
  return [value.getInt32(0, true), nodes.getBigUint64(0, true)];
}

/** Pages of each area. */
const areas = (task: Task): string =>
  [...task.space.areas]
    .map((area) => task.space.areas.end[area] - task.space.areas.start[area])
    .join(" ");

describe("a policy of its own", () => {
  test.each([
    [MPOL_DEFAULT, null, 0, [0, 0n]],
    [MPOL_DEFAULT | STATIC, null, 0, [0, 0n]],
    [MPOL_DEFAULT, 1n, NODES, [0, 0n]],
    [MPOL_BIND, 1n, 0, [MPOL_BIND, 1n]],
    [MPOL_BIND, 3n, 0, [MPOL_BIND, 1n]],
    [MPOL_BIND, 2n, NODES, [0, 0n]],
    [MPOL_BIND, null, NODES, [0, 0n]],
    [MPOL_BIND | STATIC, 3n, 0, [MPOL_BIND | STATIC, 3n]],
    [MPOL_BIND | STATIC, 2n, NODES, [0, 0n]],
    [MPOL_BIND | RELATIVE, 6n, 0, [MPOL_BIND | RELATIVE, 6n]],
    [MPOL_BIND | RELATIVE | STATIC, 1n, MODE, [0, 0n]],
    [MPOL_INTERLEAVE, 1n, 0, [MPOL_INTERLEAVE, 1n]],
    [MPOL_PREFERRED, 1n, 0, [MPOL_PREFERRED, 1n]],
    [MPOL_PREFERRED, null, 0, [MPOL_LOCAL, 0n]],
    [MPOL_PREFERRED | STATIC, null, NODES, [0, 0n]],
    [MPOL_LOCAL, null, 0, [MPOL_LOCAL, 0n]],
    [MPOL_LOCAL, 1n, NODES, [0, 0n]],
    [MPOL_LOCAL | RELATIVE, null, NODES, [0, 0n]],
    [-1, null, MODE, [0, 0n]],
    [7, 1n, MODE, [0, 0n]],
  ])("of mode %i and nodes %s: %s", (mode, nodes, answer, then) => {
    const task = on("6.12");
    expect(set(task, mode, nodes)).toBe(answer);
    expect(told(task)).toEqual(then);
  });

  test("is a child's too, and a new program's, until another is set", () => {
    const task = on("6.12");
    set(task, MPOL_BIND, 1n);
    const child = task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;
    must(call(child, "execve"));
    expect(told(child)).toEqual([MPOL_BIND, 1n]);
    set(task, MPOL_DEFAULT);
    expect(told(task)).toEqual([MPOL_DEFAULT, 0n]);
    expect(told(child)).toEqual([MPOL_BIND, 1n]);
  });

  test.each([
    ["5.10", 5, 0, MPOL_PREFERRED],
    ["6.1", 6, 1, MPOL_LOCAL],
    ["6.12", 7, 2, MPOL_LOCAL],
  ])(
    "on %s has one of %i modes; %i of them balance; local is told as %i",
    (release, modes, balancing, local) => {
      const task = on(release);
      const known = [5, 6, 7].filter((mode) => set(task, mode, 1n) === 0);
      expect(5 + known.length).toBe(modes);
      const balances = [MPOL_BIND, 5, MPOL_INTERLEAVE].filter(
        (mode) => set(task, mode | BALANCING, 1n) === 0,
      );
      expect(balances).toHaveLength(balancing);
      set(task, MPOL_LOCAL);
      expect(told(task)).toEqual([local, 0n]);
    },
  );
});

describe("the length of a mask counts one bit too many", () => {
  test.each([
    [0, "EINVAL mempolicy/too-many-nodes"],
    [1, NODES],
    [2, 0],
    [64, 0],
    [32_770, "EINVAL mempolicy/too-many-nodes"],
    [2 ** 40, "EINVAL mempolicy/too-many-nodes"],
  ])("%i answers %s", (length, answer) => {
    expect(set(on("6.12"), MPOL_BIND, 1n, length)).toBe(answer);
  });

  test("without a mask it does not matter, and of one bit the mask does not", () => {
    const task = on("6.12");
    expect(set(task, MPOL_LOCAL, null, 2 ** 40)).toBe(0);
    expect(said(call(task, "set_mempolicy", MPOL_LOCAL, NOWHERE, 1))).toBe(0);
    expect(said(call(task, "set_mempolicy", MPOL_LOCAL, NOWHERE, 2))).toBe("EFAULT syscall/fault");
  });

  test("bits behind it are nothing; nodes that no kernel has are read from the top", () => {
    const task = on("6.12");
    expect(set(task, MPOL_BIND, 0xffn, 2)).toBe(0);
    must(task.space.write(at(0) / PAGE, Uint8Array.of(1)));
    expect(said(call(task, "set_mempolicy", MPOL_BIND, at(0), 32_769))).toBe(0);
    must(task.space.write(at(0) / PAGE, Uint8Array.of(1), 128));
    expect(said(call(task, "set_mempolicy", MPOL_BIND, at(0), 32_769))).toBe(
      "EINVAL mempolicy/unknown-nodes",
    );
    expect(said(call(task, "set_mempolicy", MPOL_BIND, at(0), 1025))).toBe(0);
    expect(said(call(task, "set_mempolicy", MPOL_BIND, at(7), 32_769 + 0))).toBe(NODES);
    expect(said(call(task, "set_mempolicy", MPOL_BIND, at(7) + 8, 32_769))).toBe(
      "EFAULT syscall/fault",
    );
  });

  test("of a 32-bit caller it counts words of four bytes", () => {
    const task = on("6.12");
    const edge = at(8) - 4;
    must(task.space.write(at(7) / PAGE, Uint8Array.of(1), PAGE - 4));
    expect(said(call32(task, "set_mempolicy", MPOL_BIND, edge, 32))).toBe(0);
    expect(said(call(task, "set_mempolicy", MPOL_BIND, edge, 32))).toBe("EFAULT syscall/fault");
  });
});

describe("get_mempolicy", () => {
  test.each([
    ["a mask without room", [0, HEAP, 0, 0, 8], "EINVAL get_mempolicy/mask-too-short"],
    ["a flag that there is not", [0, 0, 0, 0, 8], "EINVAL get_mempolicy/flags"],
    ["one above 2^32", [0, 0, 0, 0, 2 ** 32], "EINVAL get_mempolicy/flags"],
    ["MPOL_F_MEMS_ALLOWED with another", [0, 0, 0, 0, 5], "EINVAL get_mempolicy/flags"],
    [
      "an address without its flag",
      [0, 0, 0, HEAP, 1],
      "EINVAL get_mempolicy/address-without-flag",
    ],
    ["the next node, of the default", [0, 0, 0, 0, 1], "EINVAL get_mempolicy/not-interleaved"],
    ["a hole", [0, 0, 0, at(8), 2], "EFAULT get_mempolicy/no-area"],
    ["a policy that cannot be written", [NOWHERE, 0, 0, 0, 0], "EFAULT syscall/fault"],
    ["a mask that cannot be written", [0, NOWHERE, 2, 0, 0], "EFAULT syscall/fault"],
    ["a mask that is too long", [0, HEAP, 32_770, 0, 0], "EINVAL get_mempolicy/mask-too-long"],
    ["a mask that ends behind the memory", [0, at(8) - 8, 66, 0, 0], "EFAULT syscall/fault"],
    ["a mask of no bits", [0, NOWHERE, 1, 0, 0], 0],
    ["nothing", [0, 0, 0, 0, 0], 0],
  ] as const)("of %s", (_, args, answer) => {
    expect(said(call(on("6.12"), "get_mempolicy", ...args))).toBe(answer);
  });

  test("tells the nodes that there are, and which comes next to who interleaves", () => {
    const task = on("6.12");
    expect(told(task, 0, MPOL_F_MEMS_ALLOWED)).toEqual([0, 1n]);
    set(task, MPOL_INTERLEAVE, 1n);
    expect(told(task, 0, MPOL_F_NODE)).toEqual([0, 1n]);
    set(task, MPOL_BIND, 1n);
    expect(told(task, 0, MPOL_F_NODE)).toBe("EINVAL get_mempolicy/not-interleaved");
  });

  test("tells on which node a page is, and brings it in for that", () => {
    const task = on("6.12");
    expect(told(task, at(3) + 5, MPOL_F_NODE | MPOL_F_ADDR)).toEqual([0, 0n]);
    expect(task.space.pages.bitsOf(at(3) / PAGE)).not.toBe(0);
    must(call(task, "mprotect", at(4), PAGE, 0));
    const hidden = told(task, at(4), MPOL_F_NODE | MPOL_F_ADDR);
    expect(hidden).toBe("EFAULT get_mempolicy/no-area");
    expect(told(task, at(4), MPOL_F_ADDR)).toEqual([0, 0n]);
  });

  test("clears what lies behind the nodes of the machine, and leaves what lies behind the mask", () => {
    const task = on("6.12");
    must(task.space.write(HEAP / PAGE, new Uint8Array(40).fill(9)));
    must(call(task, "get_mempolicy", 0, HEAP, 130, 0, MPOL_F_MEMS_ALLOWED));
    const bytes = must(task.space.read(HEAP / PAGE, 40));
    expect([...bytes]).toEqual([1, ...Array<number>(23).fill(0), ...Array<number>(16).fill(9)]);
  });
});

describe("what mbind refuses first", () => {
  const refused = (user: number, ...args: readonly number[]): number | string => {
    const task = taskWithPages(4, { task: { uid: user } });
    must(call(task, "munmap", at(2), PAGE));
    return said(call(task, "mbind", ...args));
  };

  test.each([
    ["a mode that there is not", [HEAP + 1, PAGE, 99, NOWHERE, 64, 0xff], MODE],
    ["a mask that cannot be read", [HEAP + 1, PAGE, 2, NOWHERE, 64, 0xff], "EFAULT syscall/fault"],
    ["a flag that there is not", [HEAP + 1, PAGE, 2, 0, 0, 0xff], "EINVAL mbind/flags"],
    ["moving others' pages", [HEAP + 1, PAGE, 2, 0, 0, 4], "EPERM mbind/move-all-not-permitted"],
    ["an address within a page", [HEAP + 1, 0, 2, 0, 0, 0], "EINVAL mbind/unaligned"],
    ["a range that wraps", [HEAP, -2 * PAGE, 2, 0, 0, 0], "EINVAL mbind/range-wraps"],
    ["no length", [HEAP, 0, 2, 0, 0, 0], 0],
    ["a length that rounds up to none", [HEAP, -1, 2, 0, 0, 0], 0],
    ["a policy without nodes", [at(2), PAGE, 2, 0, 0, 0], NODES],
    ["a hole", [at(2), PAGE, 4, 0, 0, 0], "EFAULT mbind/hole"],
    ["a hole at the beginning", [at(2), 2 * PAGE, 4, 0, 0, 0], "EFAULT mbind/hole"],
    ["a hole within", [HEAP, 4 * PAGE, 4, 0, 0, 0], "EFAULT mbind/hole"],
    ["a hole at the end", [at(1), 2 * PAGE, 4, 0, 0, 0], "EFAULT mbind/hole"],
    ["nothing mapped, of no policy", [at(2), PAGE, 0, 0, 0, 0], "EFAULT mbind/hole"],
    ["holes, of no policy", [HEAP, 4 * PAGE, 0, 0, 0, 1], 0],
  ] as const)("%s", (_, args, answer) => {
    expect(refused(1000, ...args)).toBe(answer);
  });

  test("root may move what others map", () => {
    expect(refused(0, HEAP, PAGE, MPOL_LOCAL, 0, 0, MPOL_MF_MOVE_ALL)).toBe(0);
  });

  test("a strict policy of no node finds every page misplaced, in the order of the areas", () => {
    const task = on("6.12");
    expect(bind(task, [0, 8], MPOL_LOCAL, null, MPOL_MF_STRICT)).toBe(0);
    must(task.space.touch(at(5) / PAGE));
    expect(bind(task, [0, 8], MPOL_LOCAL, null, MPOL_MF_STRICT)).toBe("EIO mbind/misplaced");
    expect(bind(task, [0, 9], MPOL_LOCAL, null, MPOL_MF_STRICT)).toBe("EFAULT mbind/hole");
    expect(bind(task, [0, 5], MPOL_PREFERRED, null, MPOL_MF_STRICT)).toBe(0);
    expect(bind(task, [0, 8], MPOL_LOCAL, null, MPOL_MF_STRICT | MPOL_MF_MOVE)).toBe(0);
    expect(bind(task, [0, 8], MPOL_BIND, 1n, MPOL_MF_STRICT)).toBe(0);
    expect(bind(task, [0, 8], MPOL_DEFAULT, null, MPOL_MF_STRICT)).toBe(0);
  });

  test("a policy that would need one area too many changes nothing more", () => {
    const task = taskWithPages(4, { settings: { maxMapCount: 2 } });
    expect(bind(task, [1, 2], MPOL_LOCAL)).toBe("ENOMEM mbind/too-many-areas");
    expect(areas(task)).toBe("1 3");
  });
});

describe("areas", () => {
  test("of different policies are apart; equal ones join", () => {
    const task = on("6.12");
    bind(task, [1, 1], MPOL_BIND, 1n);
    expect(areas(task)).toBe("1 1 6");
    bind(task, [2, 1], MPOL_BIND, 3n);
    expect(areas(task)).toBe("1 2 5");
    bind(task, [3, 1], MPOL_BIND | STATIC, 3n);
    bind(task, [4, 1], MPOL_BIND | STATIC, 1n);
    expect(areas(task)).toBe("1 2 1 1 3");
    bind(task, [5, 1], MPOL_PREFERRED);
    bind(task, [6, 1], MPOL_LOCAL);
    expect(areas(task)).toBe("1 2 1 1 2 1");
    expect(told(task, at(4), MPOL_F_ADDR)).toEqual([MPOL_BIND | STATIC, 1n]);
    expect(told(task, at(7), MPOL_F_ADDR)).toEqual([MPOL_DEFAULT, 0n]);
    bind(task, [0, 8], MPOL_DEFAULT);
    expect(areas(task)).toBe("8");
  });

  test("keep theirs where they go, and new ones beside them have none", () => {
    const task = on("6.12");
    bind(task, [6, 2], MPOL_BIND, 1n);
    must(call(task, "mmap", at(8), PAGE, 3, 0x32, -1, 0));
    expect(areas(task)).toBe("6 2 1");
    must(call(task, "mremap", at(6), PAGE, 2 * PAGE, 3, at(20)));
    expect(told(task, at(21), MPOL_F_ADDR)).toEqual([MPOL_BIND, 1n]);
    const child = task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;
    expect(told(child, at(21), MPOL_F_ADDR)).toEqual([MPOL_BIND, 1n]);
  });

  test("have a key beside it", () => {
    const task = on("6.12");
    must(call(task, "pkey_alloc", 0, 0));
    bind(task, [0, 8], MPOL_LOCAL);
    must(call(task, "pkey_mprotect", at(0), 4 * PAGE, 3, 1));
    expect(areas(task)).toBe("4 4");
    expect(told(task, at(0), MPOL_F_ADDR)).toEqual([MPOL_LOCAL, 0n]);
    bind(task, [0, 8], MPOL_DEFAULT);
    expect(areas(task)).toBe("4 4");
  });
});

test("a policy's text tells all of it", () => {
  const policy = fc.record({
    mode: fc.nat(6),
    flags: fc.nat(0xffff),
    nodes: fc.bigInt(0n, 2n ** 70n),
  });
  fc.assert(
    fc.property(policy, (one) => {
      expect(policyOf(policyText(one))).toEqual(one);
    }),
  );
  expect(policyOf("")).toBeUndefined();
});
