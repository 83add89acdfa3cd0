import { SYSTEM_CALLS } from "@kadvise/syscalls";
import { IPC, SHM, SHMGET } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { parseScenario } from "../scenario/parse.ts";
import { decodeArguments } from "./decode.ts";
import { NotShown } from "./notShown.ts";

function argumentsOf(text: string): readonly unknown[] {
  const parsed = parseScenario(`app ${text}`);
  if ("error" in parsed) throw new Error(parsed.error.text);
  const [{ name, args }] = parsed.steps;
  return decodeArguments(SYSTEM_CALLS.get(name)!, args).args;
}

test("shmid_ds has what IPC_SET reads of it, where x86-64 has it", () => {
  const [id, command, bytes] = argumentsOf(
    "shmctl(5, IPC_SET, {shm_perm={uid=7, gid=-1, mode=0640, key=0x12}, shm_segsz=4096})",
  );
  const view = new DataView((bytes as Uint8Array).buffer);
  expect([id, command, view.byteLength]).toEqual([5, IPC.IPC_SET, 112]);
  const words = [0, 4, 8, 12, 20].map((offset) => view.getUint32(offset, true));
  expect(words).toEqual([0, 7, 0xffff_ffff, 0, 0o640]);
});

test("shmid_ds of which nothing is shown has room for what is written", () => {
  const [, , bytes] = argumentsOf("shmctl(5, IPC_STAT, {})");
  expect(bytes).toEqual(new Uint8Array(112));
});

test("a word of which the number is not known is not shown", () => {
  expect(() => argumentsOf("shmctl(5, IPC_SET, {shm_perm={uid=NOBODY}})")).toThrow(NotShown);
});

test.each([
  ["shmget(IPC_PRIVATE, 8192, IPC_CREAT|IPC_EXCL|0600)", [0, 8192, 0o3600]],
  ["shmget(0x1234, 1, SHM_HUGETLB|21<<SHM_HUGE_SHIFT|0600)", [0x1234, 1, 21 * 2 ** 26 + 0o4600]],
  ["shmat(3, NULL, SHM_RDONLY|SHM_RND)", [3, 0, SHM.SHM_RDONLY | SHM.SHM_RND]],
  ["shmctl(3, IPC_RMID, NULL)", [3, IPC.IPC_RMID, 0]],
])("%s is read as strace prints it", (text, args) => {
  expect(argumentsOf(text)).toEqual(args);
  expect(SHMGET.SHM_HUGETLB).toBe(0o4000);
});
