#!/usr/bin/env node
import { closeQuietlyOnBrokenPipe, exitOnInterrupt } from "./streams.ts";

closeQuietlyOnBrokenPipe();
exitOnInterrupt();
// Help and version need nothing of the rest: it is loaded when a command needs it.
const { start } = await import("./start.ts");
process.exitCode = await start(process.argv.slice(2));
