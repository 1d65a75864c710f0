// An OAuth 2.0 server for tests: node token_server.mjs LIBRARY JWKS. Prints its token endpoint once it listens.
// It knows the clients "by-secret" (client_secret_basic) and "by-key" (private_key_jwt with a key of JWKS).

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [library, jwks] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(library));

const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const client = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"], scope: "system/*.cu" };
const provider = new Provider(issuer, {
  clients: [
    { ...client, client_id: "by-secret", client_secret: "a secret of theirs" },
    { ...client, client_id: "by-key", token_endpoint_auth_method: "private_key_jwt", jwks: JSON.parse(jwks) },
  ],
  scopes: ["system/*.cu"],
  clientAuthMethods: ["client_secret_basic", "private_key_jwt"],
  enabledJWA: { clientAuthSigningAlgValues: ["ES384", "RS384"] },
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  ttl: { ClientCredentials: 300 },
});
server.on("request", provider.callback());
console.log(`${issuer}/token`);
