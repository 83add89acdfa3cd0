import { Inode, OpenFile } from "@kadvise/files";
import { quietPorts } from "@kadvise/ports";
import { F_SEAL, O } from "@kadvise/uapi";

const { journal } = quietPorts();
const memfd = new Inode({ kind: "shmem", seals: 0, content: new TextEncoder().encode("hello") });
const file = new OpenFile(memfd, { flags: O.O_RDONLY, path: "/memfd:x (deleted)" });

console.log(memfd.sizeBytes, file.readable, file.writable); // 5 true false
console.log(memfd.load(0)?.subarray(0, 5).toString()); // 104,101,108,108,111
console.log(memfd.load(1)); // undefined

journal.attempt(() => {
  memfd.seal(journal, F_SEAL.F_SEAL_WRITE);
  console.log(memfd.writeSealed); // true
});
console.log(memfd.writeSealed); // false
