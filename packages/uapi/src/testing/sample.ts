import { MADV, Reasons, SYSCALL_NUMBERS, errnoName, must } from "@kadvise/uapi";

console.log(MADV.MADV_PAGEOUT, SYSCALL_NUMBERS["process_madvise"]["arm64"]); // 21 440
console.log(errnoName(13)); // EACCES

const reasons = new Reasons({
  "process_madvise/remote-needs-cap-sys-nice": {
    errno: "EPERM",
    text: "it takes CAP_SYS_NICE",
    linux: "mm/madvise.c process_madvise",
    since: "5.12",
    remedy: "give the caller CAP_SYS_NICE",
    compares: ["advice"],
  },
});
const refusal = reasons.refuse(
  { listener: undefined },
  "process_madvise/remote-needs-cap-sys-nice",
  "MADV_COLD",
);
console.log(refusal.code, JSON.stringify(refusal.reason.compared)); // EPERM {"advice":"MADV_COLD"}
try {
  must(refusal);
} catch (error) {
  console.log(String(error)); // KernelError: EPERM: it takes CAP_SYS_NICE, process_madvise
}
