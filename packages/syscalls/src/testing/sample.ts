import { Checks, Journal, USUAL } from "@kadvise/ports";
import { FileTable } from "@kadvise/pidfd";
import { profile } from "@kadvise/releases";
import { AccessControl, credentials, subject } from "@kadvise/security";
import { callDecoded, enter, freshMemory, Limits, Machine } from "@kadvise/syscalls";
import { Registers, SYSTEM_CALLS, Task } from "@kadvise/syscalls";

// A machine of one's own: a release, the ports, and whoever decides about access.
const release = profile("6.12");
const ports = { choices: USUAL, checks: new Checks(), journal: new Journal() };
const access = new AccessControl({ features: release.security, ports });
const machine = new Machine({ profile: release, ports, access });

// A process on it: memory, descriptors and credentials, tied together.
const { payload: task } = machine.processes.spawn(
  (pid) =>
    new Task({
      machine,
      pid,
      name: "sample",
      mm: freshMemory({ machine }),
      files: new FileTable({ ports }),
      subject: subject({ pid: pid.number, credentials: credentials({ uid: 1000 }) }),
      limits: new Limits(ports.journal),
    }),
);

// By registers, as a program calls: mmap is number 9, munmap 11.
const heap = enter(task, "x86-64", 9, new Registers(0, 8192, 3, 0x22, -1, 0));
console.log(heap.ok && heap.value.toString(16));
const refused = enter(task, "x86-64", 11, new Registers(1, 8192));
if (!refused.ok) console.log(refused.code, refused.reason.id, refused.reason.compared.offset);

// Decoded, as a log shows it: names for numbers, arrays for pointers; what was written comes back.
const getresuid = SYSTEM_CALLS.get("getresuid")!;
const { outputs } = callDecoded(task, "x86-64", getresuid, [
  new Uint8Array(4),
  new Uint8Array(4),
  null,
]);
console.log(outputs[0]?.join(" "));

// What a call takes is data.
console.log(
  SYSTEM_CALLS.get("process_madvise")
    ?.parameters.map(({ name }) => name)
    .join(", "),
);
