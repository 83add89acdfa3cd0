import { quietPorts, type Question } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { namespaceAt, PidNamespace } from "./pidNamespace.ts";
import { ProcessTable } from "./processTable.ts";

/** A table with the numbers 300 and 301 alone, and a namespace below that has as many. */
function small(options: { readonly around: number; readonly within: number }) {
  const table = new ProcessTable<string>({ firstNumber: 300, pidMax: 302 });
  const namespace = new PidNamespace<string>(table.namespace, { lastNumber: 299 });
  for (let i = 0; i < options.around; i++) table.spawn(() => "around");
  // Those within take numbers of the initial namespace that a plain process could not have.
  for (let i = 0; i < options.within; i++) {
    const numbers = [300 + i, 1 + i];
    table.spawn(() => "within", { namespace, numbers });
  }
  return { table, namespace };
}

// Linux: kernel/pid.c alloc_pid, set_tid
describe("whether a number is free", () => {
  test("matters at each level at which none was asked for", () => {
    const { table, namespace } = small({ around: 2, within: 0 });
    expect([0, 1, 2].map((asked) => table.mayAllocate(namespace, asked)?.code)).toEqual([
      "EAGAIN",
      "EAGAIN",
      undefined,
    ]);
  });

  test("matters not at the innermost levels, where numbers were asked for", () => {
    const { table, namespace } = small({ around: 0, within: 2 });
    expect([0, 1].map((asked) => table.mayAllocate(namespace, asked)?.code)).toEqual([
      "EAGAIN",
      undefined,
    ]);
    expect(() => table.spawn(() => "late", { namespace })).toThrow(
      new RangeError("every process number is in use"),
    );
  });
});

/** The questions of a table, in which somebody in a namespace makes a process, or somebody outside. */
function asks(isInside: boolean): Question<unknown>[] {
  const asked: Question<unknown>[] = [];
  const ports = quietPorts();
  ports.choices = {
    choose<A>(question: Question<A>): A {
      asked.push(question);
      return question.usual;
    },
  };
  const table = new ProcessTable<string>({ ports });
  const namespace = new PidNamespace<string>(table.namespace);
  table.spawn(() => "made", { namespace, toldIn: isInside ? namespace : table.namespace });
  return asked;
}

test("what fork returns inside a namespace does not tell the number around it", () => {
  expect(asks(true).map(({ id, fromResult }) => [id, fromResult])).toEqual([
    ["pid/next", undefined],
  ]);
  expect(asks(false).map(({ fromResult }) => fromResult?.(7))).toEqual([7]);
  expect(asks(false).map((question) => question.describe())).toEqual([
    "a process number that is not in use",
  ]);
});

test("around a namespace lies one at each level above it, and none at a deeper one", () => {
  const outermost = new PidNamespace<string>();
  const middle = new PidNamespace(outermost);
  const inner = new PidNamespace(middle);
  expect([0, 1, 2, 3].map((level) => namespaceAt(inner, level))).toEqual([
    outermost,
    middle,
    inner,
    undefined,
  ]);
});
