// Hold FHIR resources (NDJSON on stdin) against R4, or one of its profiles; say of each what is wrong, a line each.
//
//   node validate_fhir.mjs [--profile URL]
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { issuesOf, loadDefinitions, profileOf } from "./fhir_r4.mjs";

const { profile } = parseArgs({ options: { profile: { type: "string" } } }).values;
loadDefinitions();
const under = profile && profileOf(profile);
if (profile && !under) {
  console.error(`The profile ${profile} is not installed`);
  process.exit(2);
}

let index = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const issues = issuesOf(JSON.parse(line), under).map(({ severity, expression, details }) => {
    return { severity, expression: expression?.join(", ") ?? "", message: details?.text ?? "" };
  });
  console.log(JSON.stringify({ index: index++, issues }));
}
