// openid-client v6, with the signature checks that it leaves out by default over TLS.
import { converse } from "./conversation.mjs";
import * as openid from "openid-client";

const auths = { basic: openid.ClientSecretBasic, post: openid.ClientSecretPost, none: openid.None };
let config, asked;

const told = (tokens) => ({ ...tokens, claims: tokens.claims() });

await converse({
  async discover({ issuer, algorithm, clientId, secret, method }) {
    const execute = [openid.allowInsecureRequests, openid.enableNonRepudiationChecks]; // http on loopback
    config = await openid.discovery(new URL(issuer), clientId, secret, auths[method](secret), { algorithm, execute });
    return config.serverMetadata();
  },

  async begin({ redirectUri, ...more }) {
    const verifier = openid.randomPKCECodeVerifier();
    asked = { pkceCodeVerifier: verifier, expectedState: openid.randomState(), expectedNonce: openid.randomNonce() };
    asked.maxAge = more.max_age;
    return openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri, scope: "openid profile email", state: asked.expectedState,
      nonce: asked.expectedNonce, code_challenge_method: "S256",
      code_challenge: await openid.calculatePKCECodeChallenge(verifier), ...more,
    });
  },

  async finish({ callback, verifier = asked.pkceCodeVerifier }) {
    const checks = { ...asked, pkceCodeVerifier: verifier, idTokenExpected: true };
    return told(await openid.authorizationCodeGrant(config, new URL(callback), checks));
  },

  refresh: async ({ token }) => told(await openid.refreshTokenGrant(config, token)),
  userinfo: ({ token, sub }) => openid.fetchUserInfo(config, token, sub),
  clientCredentials: (parameters) => openid.clientCredentialsGrant(config, parameters),
  introspect: ({ token }) => openid.tokenIntrospection(config, token),
  revoke: ({ token, ...hint }) => openid.tokenRevocation(config, token, hint),
  endSession: (parameters) => openid.buildEndSessionUrl(config, parameters),
});
