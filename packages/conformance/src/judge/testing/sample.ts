import { Checker } from "@kadvise/conformance";

const checker = new Checker({ kernel: "6.12.107" });
const log = checker.log("advise.strace");
log.push('7 execve("./advise", ["./advise"], []) = 0\n');
log.push("7 mmap(0x10000000, 8192, PROT_READ, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0)");
log.push(
  " = 0x10000000\n7 munmap(0x10001000, 4096) = 0\n7 madvise(0x10000000, 8192, MADV_COLD) = 0\n",
);
log.end();

const report = checker.finish();
console.log(`${report.inScope} in scope, ${report.exact} exact, ${report.deviations} deviation`);
for (const { line, observed, allowed, verdict, reason } of report.findings) {
  console.log(`line ${line}: ${verdict}: ${observed}; Linux: ${allowed.join(" or ")}`);
  console.log(reason.id);
}
