import { quietPorts, restoreSnapshot, takeSnapshot } from "@kadvise/ports";

class Counter {
  value = 1;
}

const { journal, checks, choices } = quietPorts();
const counter = new Counter();

const seen = journal.attempt(() => {
  journal.save(counter, "value"); // noted before it is changed
  counter.value = 2;
  return counter.value;
});
console.log(seen, counter.value); // 2 1

const { value, checks: made } = checks.collect(() => {
  checks.listener?.({ id: "counter/is-small", passed: true, compared: { value: counter.value } });
  return choices.choose({
    id: "counter/next",
    usual: counter.value + 1, // what a quiet machine does
    allows: (answer) => answer > counter.value,
    describe: () => "any larger number",
  });
});
console.log(value, made[0].id, made[0].compared["value"]); // 2 counter/is-small 1

const classes = new Map([["Counter", Counter]]);
const copy = restoreSnapshot(takeSnapshot(counter, classes, new Map()), classes, new Map());
console.log(copy instanceof Counter, copy === counter); // true false
