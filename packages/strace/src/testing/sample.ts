import { formatEvent, integerOf, LogReader } from "@kadvise/strace";

const reader = new LogReader();
const events = [
  ...reader.push(
    "12 madvise(0x7f0000, 4096, MADV_COLD <unfinished ...>\n13 close(3) = 0\n12 <... mad",
  ),
  ...reader.push("vise resumed>) = -1 ENOMEM (Cannot allocate memory)\n12 what is this\n"),
  ...reader.end(),
];
for (const event of events) {
  if (event.kind === "call") console.log(formatEvent(event));
  else if (event.kind === "unread") console.log(`line ${event.line}: expected ${event.expected}`);
  else console.log(event.kind);
}
const call = events.find((event) => event.kind === "call" && event.result.error !== undefined);
if (call?.kind === "call" && call.args[1] !== undefined) {
  console.log(call.entryLine, call.line, integerOf(call.args[1].value), call.result.error);
}
