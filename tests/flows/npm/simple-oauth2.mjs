// simple-oauth2: no discovery; its users write the paths down.
import { converse } from "./conversation.mjs";
import { AuthorizationCode, ClientCredentials, ResourceOwnerPassword } from "simple-oauth2";

let config, grant, token;

const kept = (fresh) => (token = fresh).token;

await converse({
  configure({ tokenHost, clientId, secret, method }) {
    const api = "/auth/v3/oauth";
    const auth = { tokenHost, tokenPath: `${api}/token`, revokePath: `${api}/revoke` };
    config = { client: { id: clientId, secret }, auth, options: { authorizationMethod: method } };
  },

  begin(parameters) {
    const auth = { ...config.auth, authorizePath: "/auth/v3/oauth/authorize" };
    grant = new AuthorizationCode({ ...config, auth });
    return grant.authorizeURL(parameters);
  },

  finish: async (parameters) => kept(await grant.getToken(parameters)),
  clientCredentials: async (parameters) => kept(await new ClientCredentials(config).getToken(parameters)),
  password: async (parameters) => kept(await new ResourceOwnerPassword(config).getToken(parameters)),
  expired: () => token.expired(),
  refresh: async () => kept(await token.refresh()),
  revoke: ({ type }) => token.revoke(type),
  revokeAll: () => token.revokeAll(),
});
