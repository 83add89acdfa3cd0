import { describe, expect, test } from "vitest";
import { Journal } from "./journal.ts";

describe("while nobody records", () => {
  test("a change is not noted, and nothing takes it back", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    journal.save(cell, "value");
    cell.value = 2;
    journal.undo(journal.begin());
    expect(journal.recording).toBe(false);
    expect(cell.value).toBe(2);
  });
});

describe("an attempt", () => {
  test("returns what the action returned, and takes back what it did", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const seen = journal.attempt(() => {
      journal.save(cell, "value");
      cell.value = 2;
      return cell.value;
    });
    expect([seen, cell.value]).toEqual([2, 1]);
  });

  test("takes back also what an action did that throws", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const act = (): void =>
      journal.attempt(() => {
        journal.save(cell, "value");
        cell.value = 2;
        throw new Error("in the middle");
      });
    expect(act).toThrow("in the middle");
    expect(cell.value).toBe(1);
    expect(journal.recording).toBe(false);
  });
});

test("a field that was saved twice gets its oldest value back", () => {
  const journal = new Journal();
  const cell = { value: 1 };
  const mark = journal.begin();
  for (const value of [2, 3]) {
    journal.save(cell, "value");
    cell.value = value;
  }
  journal.undo(mark);
  expect(cell.value).toBe(1);
});
