// An OpenID provider for tests: node provider.mjs LIBRARY CALLBACK. Prints its address once it listens.
// Whoever comes to /interaction/... is the account of ?login=, without a password.

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [library, callback] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(library));

const PEOPLE = {
  rosa: { name: "Rosa Hill", groups: ["line-agents"] },
  lena: { name: "Lena Marsh", groups: ["everybody", "line-leads", "line-agents"] },
  zoe: { name: "Zoe Park", groups: ["everybody"] },
};

const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: "carestart", client_secret: "a secret of theirs and ours", redirect_uris: [callback] }],
  claims: { openid: ["sub"], profile: ["name", "groups"] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});

server.on("request", (request, response) => {
  const url = new URL(request.url, issuer);
  if (!url.pathname.startsWith("/interaction/")) return provider.callback()(request, response);
  const login = { accountId: url.searchParams.get("login") };
  return provider.interactionFinished(request, response, { login });
});
console.log(issuer);
