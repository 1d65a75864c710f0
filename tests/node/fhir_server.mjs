// A FHIR R4 server for tests: Medplum's router and its repository in memory, on a free port of 127.0.0.1.
//
//   node fhir_server.mjs [--token TOKEN]
//
// The first line of stdout says {"base": URL, "port": n}; it ends when its stdin does. Beside FHIR under BASE:
//   POST /__faults  a JSON list of faults (see `faults` below), one used up by each FHIR request that follows
//   GET /__log      what FHIR requests arrived, in order
//   /__look/...     FHIR for the test's own eyes: asks for no token, uses up no fault, is not logged
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { badRequest, getStatus, normalizeOperationOutcome, OperationOutcomeError } from "@medplum/core";
import { FhirRouter, MemoryRepository } from "@medplum/fhir-router";
import { issuesOf, loadDefinitions, loadSearches } from "./fhir_r4.mjs";

const BASE = "/fhir/R4"; // a path, as real servers have, so that who joins addresses wrongly finds nothing
const LOOK = "/__look";
const { token } = parseArgs({ options: { token: { type: "string" } } }).values;

/** Medplum's repository in memory keeps anything and undoes nothing: this one keeps valid resources, all or none. */
class StrictRepository extends MemoryRepository {
  async createResource(resource) {
    const issue = issuesOf(resource);
    // Medplum's way to say 422.
    if (issue.length) throw new OperationOutcomeError({ resourceType: "OperationOutcome", id: "business-rule", issue });
    return super.createResource(resource);
  }

  async withTransaction(callback) {
    const [resources, history] = [copied(this.resources), copied(this.history)];
    try {
      return await callback();
    } catch (failed) {
      Object.assign(this, { resources, history });
      throw failed;
    }
  }
}

function copied(map) {
  const one = (kept) => (Array.isArray(kept) ? [...kept] : kept);
  return new Map([...map].map(([type, byId]) => [type, new Map([...byId].map(([id, kept]) => [id, one(kept)]))]));
}

const router = new FhirRouter();
const repository = new StrictRepository();
const faults = [];
const log = [];

/** The status and body that FHIR answers with. Nothing in here waits for the world outside, so that Node does the whole
 * in one go and no transaction sees another's half. */
async function handled(method, url, body, headers) {
  const request = { method, url, pathname: "", params: {}, query: {}, body, headers, config: { transactions: true } };
  try {
    const [outcome, resource] = await router.handleRequest(request, repository);
    return { status: getStatus(outcome), body: resource ?? outcome };
  } catch (failed) {
    const outcome = normalizeOperationOutcome(failed);
    return { status: getStatus(outcome), body: outcome };
  }
}

async function fhir(request, response, url) {
  const entry = { method: request.method, path: url, headers: Object.keys(request.headers), entries: [], status: null };
  log.push(entry);
  const fault = faults.shift() ?? {};
  const answer = (given, headers = {}) => {
    entry.status = given.status;
    reply(response, given.status, given.body, headers);
  };

  if (fault.drop === "before") return request.socket.destroy();
  const [body, refused] = parsed(request, await read(request));
  entry.entries = (body?.entry ?? []).map(({ request }) => asked(request));
  if (fault.hang === true) return undefined;
  if (fault.html) return page(response, entry);
  if (fault.status) {
    const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    return answer(refusal(fault.status, "told to refuse"), headers);
  }
  if (token && request.headers.authorization !== `Bearer ${token}`) return answer(refusal(401, "no such token"));
  if (refused) return answer(refused);

  const given = await handled(request.method, url, body, request.headers);

  if (fault.drop === "after") return request.socket.destroy();
  if (fault.drop === "midway") return half(request, response, given);
  if (fault.hang === "after") return undefined;
  return answer(given);
}

/** A request's body, and the refusal of what is no FHIR JSON. */
function parsed(request, text) {
  if (!text) return [undefined, undefined];
  if (!/^application\/(fhir\+)?json\b/.test(request.headers["content-type"] ?? "")) {
    return [undefined, refusal(415, "send application/fhir+json")];
  }
  try {
    return [JSON.parse(text), undefined];
  } catch {
    return [undefined, refusal(400, "not JSON")];
  }
}

function asked(request) {
  const condition = request?.ifNoneExist ? `?${request.ifNoneExist}` : "";
  return `${request?.method} ${request?.url}${condition}`;
}

function refusal(status, text) {
  return { status, body: { ...badRequest(text), id: undefined } };
}

function half(request, response, given) {
  const whole = Buffer.from(JSON.stringify(given.body));
  response.writeHead(given.status, { "content-type": "application/fhir+json", "content-length": whole.length });
  response.write(whole.subarray(0, whole.length >> 1), () => request.socket.destroy());
}

function page(response, entry) {
  entry.status = 200;
  response.writeHead(200, { "content-type": "text/html" });
  response.end("<!doctype html><title>Sign in</title><p>Please sign in to go on.</p>");
}

function reply(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/fhir+json", ...headers });
  response.end(JSON.stringify(body));
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function look(request, response, url) {
  const given = await handled(request.method, url, undefined, request.headers);
  reply(response, given.status, given.body);
}

async function control(request, response) {
  if (request.url === "/__faults" && request.method === "POST") {
    faults.splice(0, faults.length, ...JSON.parse(await read(request)));
    return reply(response, 200, {});
  }
  if (request.url === "/__log") return reply(response, 200, log);
  return reply(response, 404, refusal(404, `FHIR is under ${BASE}`).body);
}

const server = createServer((request, response) => {
  const under = (prefix) => new RegExp(`^${prefix}(?=[/?]|$)`).test(request.url);
  const rest = (prefix) => request.url.slice(prefix.length) || "/";
  let done;
  if (under(BASE)) done = fhir(request, response, rest(BASE));
  else if (under(LOOK)) done = look(request, response, rest(LOOK));
  else done = control(request, response);
  done.catch(() => request.socket.destroy());
});

loadDefinitions();
loadSearches();
process.stdin.resume().on("end", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  console.log(JSON.stringify({ base: `http://127.0.0.1:${port}${BASE}`, port }));
});
