// The floor check: lower floors know nothing of higher ones. `turbo boundaries` reads every
// package.json and import; floor-rules.mjs looks at what it passes over.
import { floorComplaints } from "./lib/floor-rules.mjs";
import { run } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

const complaints = floorComplaints(root);
for (const complaint of complaints) console.error(complaint);

const status = run("turbo", ["boundaries"]);
if (complaints.length > 0 || status !== 0) process.exitCode = 1;
else console.log("floors: every package stands on lower ones only");
