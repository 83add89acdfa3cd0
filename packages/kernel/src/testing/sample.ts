import { Kernel, must, workBetween } from "@kadvise/kernel";

const kernel = new Kernel({ release: "6.12" });

// An app with eight pages, one of them written; and a manager of the same user, without capabilities.
const app = kernel.spawn({ uid: 10_001, name: "app" });
const heap = must(app.mmap({ length: 8 * 4096 }));
must(app.store(heap, "hello"));
const manager = kernel.spawn({ uid: 10_001, name: "manager" });
const pidfd = must(manager.pidfdOpen(app.pid));
const pageOut = () =>
  manager.processMadvise(pidfd, [{ base: heap, length: 8 * 4096 }], "MADV_PAGEOUT");

// A refusal is a value: errno, a stable reason, and what it stands on.
const answer = pageOut();
if (!answer.ok) console.log(answer.code, answer.reason.id);

// Every check on the way, in the kernel's order. Nothing has changed by it.
for (const check of kernel.explain(pageOut).checks) console.log(" ", check.outcome, check.id);

// The same by somebody who may; what it did is counted, and then taken back.
const nice = kernel.spawn({ uid: 10_001, capabilities: ["CAP_SYS_NICE"] });
const other = must(nice.pidfdOpen(app.pid));
const advise = () => nice.processMadvise(other, [{ base: heap, length: 8 * 4096 }], "MADV_PAGEOUT");
kernel.attempt(() => {
  const before = kernel.work;
  console.log(must(advise()), "bytes,", workBetween(before, kernel.work).tlbFlushes, "flush");
});

// A policy of one's own, put on while the kernel runs. It can refuse, never grant.
kernel.policies = [
  ...kernel.policies,
  {
    name: "vault",
    ptraceAccess: ({ caller, target }) =>
      target.pid !== app.pid || caller.group === target.group
        ? undefined
        : { code: "EACCES", id: "vault/sealed", text: "the vault is closed" },
  },
];
const sealed = advise();
if (!sealed.ok) console.log(sealed.code, sealed.reason.id, "because", sealed.because?.reason.id);
console.log(app.maps().trim());
