import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

/**
 * brk(2): moves the end of the heap. It never fails: where it cannot, it returns the end as it was.
 * Linux: mm/mmap.c brk
 */
export const brk: SystemCall = {
  name: "brk",
  parameters: [parameter("addr", "address")],
  returns: "address",
  run(task, registers) {
    const mm = task.space;
    if (Number.isNaN(mm.break)) learnBreak();
    if (registers.high(0) >= 2 ** 21) return success(mm.break);
    mm.setBreak(registers.number(0), task.actor);
    return success(mm.break);

    /**
     * A recorded program's first brk tells where its heap begins; right above it nothing lies yet.
     */
    function learnBreak(): void {
      const { ports, pageBytes } = mm.memory;
      const answer = ports.choices.choose<number>({
        id: "brk/initial",
        usual: 0x5555_5555_6000,
        allows: (value) =>
          Number.isInteger(value) && value > 0 && value < mm.layout.limit * pageBytes,
        describe: () => "the end of the heap, which exec chose",
        fromResult: (value) => value,
      });
      ports.journal.save(mm, "break");
      ports.journal.save(mm, "startBreak");
      mm.break = answer;
      mm.startBreak = answer;
      const start = Math.ceil(answer / pageBytes);
      mm.stateRange(start, Math.min(start + FREE_ABOVE_HEAP, mm.layout.limit));
    }
  },
};

/**
 * Pages above a fresh heap that exec leaves free: it lies below everything but the image. Linux:
 * fs/binfmt_elf.c
 */
const FREE_ABOVE_HEAP = 2 ** 14;
