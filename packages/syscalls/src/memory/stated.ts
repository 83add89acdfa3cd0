import type { Task } from "../task.ts";

/**
 * What is set of a process. A recorded program that was not seen to set it may have inherited it
 * from whoever started it.
 */
export function askStated(
  { machine }: Task,
  what: string,
  value: number,
  values: readonly number[],
): number {
  if (!machine.recorded || value !== 0) return value;
  return machine.ports.choices.choose<number>({
    id: `prctl/${what}-inherited`,
    usual: value,
    allows: (answer) => values.includes(answer),
    describe: () => `what the process inherited of ${what}`,
    alternatives: [...values],
  });
}
