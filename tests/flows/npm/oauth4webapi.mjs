// oauth4webapi: every check of it is on, and each answer goes through its process…Response.
import { converse } from "./conversation.mjs";
import * as oauth from "oauth4webapi";

const insecure = { [oauth.allowInsecureRequests]: true }; // http on loopback
const auths = { basic: oauth.ClientSecretBasic, post: oauth.ClientSecretPost, none: oauth.None };
let as, client, auth, asked;

await converse({
  async discover({ issuer, algorithm, clientId, secret, method }) {
    const url = new URL(issuer);
    as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm, ...insecure }));
    client = { client_id: clientId };
    auth = auths[method](secret);
    return as;
  },

  async begin({ redirectUri, ...more }) {
    const verifier = oauth.generateRandomCodeVerifier();
    asked = { redirectUri, verifier, state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
    asked.maxAge = more.max_age;
    const url = new URL(as.authorization_endpoint);
    url.search = new URLSearchParams({
      client_id: client.client_id, redirect_uri: redirectUri, response_type: "code", scope: "openid profile email",
      state: asked.state, nonce: asked.nonce, code_challenge_method: "S256",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), ...more,
    });
    return url;
  },

  async finish({ callback, verifier = asked.verifier }) {
    const params = oauth.validateAuthResponse(as, client, new URL(callback), asked.state);
    const response = await oauth.authorizationCodeGrantRequest(
      as, client, auth, params, asked.redirectUri, verifier, insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
      expectedNonce: asked.nonce, maxAge: asked.maxAge ?? oauth.skipAuthTimeCheck, requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(as, response, insecure);
    return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
  },

  async refresh({ token }) {
    const response = await oauth.refreshTokenGrantRequest(as, client, auth, token, insecure);
    const tokens = await oauth.processRefreshTokenResponse(as, client, response);
    await oauth.validateApplicationLevelSignature(as, response, insecure);
    return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
  },

  async userinfo({ token, sub }) {
    return oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, token, insecure));
  },

  async clientCredentials(parameters) {
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, insecure);
    return oauth.processClientCredentialsResponse(as, client, response);
  },

  async introspect({ token }) {
    const response = await oauth.introspectionRequest(as, client, auth, token, insecure);
    return oauth.processIntrospectionResponse(as, client, response);
  },

  async revoke({ token, ...hint }) {
    const more = { additionalParameters: hint, ...insecure };
    return oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token, more));
  },

  // It builds no sign-out URL; its users write these lines.
  endSession(parameters) {
    const url = new URL(as.end_session_endpoint);
    url.search = new URLSearchParams({ client_id: client.client_id, ...parameters });
    return url;
  },
});
