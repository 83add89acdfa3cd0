import { success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { MODES, newPolicy, readMode, readNodes } from "./policy.ts";

/**
 * set_mempolicy(2), on a machine of one node: where the calling thread's memory comes from. Linux:
 * mm/mempolicy.c kernel_set_mempolicy
 */
export const setMempolicy: SystemCall = {
  name: "set_mempolicy",
  parameters: [
    parameter("mode", { names: MODES }),
    parameter("nodemask", { structure: "nodemask", direction: "in", count: "maxnode" }),
    parameter("maxnode", "size"),
  ],
  run(task, registers) {
    const mode = readMode(task, registers.int(0));
    if ("ok" in mode) return mode;
    const nodes = readNodes(task, registers, { mask: 1, length: 2 });
    if (typeof nodes !== "bigint") return nodes;
    const policy = newPolicy(task, mode, nodes);
    if (policy !== "default" && "ok" in policy) return policy;
    task.machine.ports.journal.save(task, "policy");
    task.policy = policy === "default" ? undefined : policy;
    return success(0);
  },
};
