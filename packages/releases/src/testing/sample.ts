import { CHANGES, profile } from "@kadvise/releases";

console.log(profile("5.10").version); // 5.10.262
console.log(profile("5.10").processMadvise.accessMode); // PTRACE_MODE_READ_FSCREDS
console.log(profile("5.10.0").processMadvise.accessMode); // PTRACE_MODE_ATTACH_FSCREDS
console.log(profile("6.12+pidfd-self").pidfd.selfThread); // -10000
console.log(profile("6.12.107").asked, profile("6.6").asked); // true false
console.log(profile("6.18.40").bracketed[0]); // guard-flag
console.log(profile("seed").released, profile("seed").processMadvise.sysNice); // false nobody

const { settings, assumed } = profile("6.12", { settings: { swap: false } });
console.log(settings.swap, assumed.includes("swap"), assumed.includes("ksm")); // false false true

const change = CHANGES.find(({ id }) => id === "process-madvise-read-and-nice");
console.log(change?.mainline, change?.stable); // 5.12 { '5.10': 24, '5.11': 7 }
