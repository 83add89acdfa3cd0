import { FileTable, findZombie, Pidfd, ProcessTable, taskOf } from "@kadvise/pidfd";

const processes = new ProcessTable<string>({ firstNumber: 100 });
const files = new FileTable<Pidfd<string>>();

const shell = processes.spawn(() => "shell");
const app = processes.spawn(() => "app", { parent: shell.group });
const pidfd = new Pidfd(app.pid);
console.log(files.open(pidfd, true, 1024)); // { ok: true, value: 0 }

processes.exitGroup(app.group, { code: 3, signal: 0, coreDumped: false });
const zombie = findZombie(processes, shell.group, {});
console.log(zombie === app.group, app.group.exitStatus?.code); // true 3
console.log(taskOf(pidfd.pid, "group")?.payload); // app

processes.reap(app.group);
const next = processes.spawn(() => "next", { number: app.pid.number });
console.log(next.pid.number === app.pid.number, taskOf(pidfd.pid, "group")); // true undefined

files.closeOnExec();
const closed = files.require(0);
if (!closed.ok) console.log(closed.code, closed.reason.id); // EBADF fd/closed
