#!/usr/bin/env bash
# Sets up an installation as the vendor's deployment scripts do: bash, curl and jq, and `.status.code` looked at after
# each call. It knows nothing of this server but its address.
#
#   genesys_deployment.sh clients    API clients: add, add again, update, show, delete
#   genesys_deployment.sh tenant     an environment, its contact center, the origins of its pages
#
# GWS (the address), OPS_USER, OPS_PASS come from the environment; DOMAIN, TENANT too.
set -uo pipefail

: "${GWS:?}" "${OPS_USER:=ops}" "${OPS_PASS:?}" "${DOMAIN:=example.com}" "${TENANT:=t300}" "${TENANT_PASS:=password}"
CLIENTS="$GWS/auth/v3/ops/clients"
ENVIRONMENT="$GWS/environment/v3"
ANSWER=""

die() { echo "FAILED: $*" >&2; echo "$ANSWER" >&2; exit 1; }

call() { # method, address, [body]: the answer is left in ANSWER
  local method=$1 address=$2 body=${3:-}
  local words=(-s -X "$method" -u "$OPS_USER:$OPS_PASS" -H 'Content-Type: application/json')
  [ -n "$body" ] && words+=(-d "$body")
  ANSWER=$(curl "${words[@]}" "$address") || die "$method $address: no answer"
}

code() { jq -r .status.code <<<"$ANSWER"; }

check() { # what was done
  [ "$(code)" = 0 ] || die "$1: code $(code)"
  echo "ok: $1"
}

client_exists() { # client id
  call GET "$CLIENTS"
  [ -n "$(jq -r --arg id "$1" '.data[] | select(.client_id == $id) | .client_id' <<<"$ANSWER")" ]
}

client_record() { # client id, secret, redirect URIs as a JSON array
  jq -n --arg id "$1" --arg secret "$2" --argjson uris "$3" '{data: {
    client_id: $id, client_secret: $secret, name: $id, description: "Deployed", clientType: "CONFIDENTIAL",
    internalClient: true,
    authorizedGrantTypes: ["refresh_token", "implicit", "client_credentials", "password", "authorization_code",
      "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    authorities: ["ROLE_INTERNAL_CLIENT", "ROLE_MANAGEMENT_APPLICATION"], scope: ["*"], redirectURIs: $uris,
    accessTokenExpirationTimeout: 43200, refreshTokenExpirationTimeout: 2592000}}'
}

client_add() { # client id, secret, redirect URIs
  call POST "$CLIENTS" "$(client_record "$1" "$2" "$3")"
  check "client $1 added"
  [ "$(jq -r .data.client_id <<<"$ANSWER")" = "$1" ] || die "client $1: not told"
  [ "$(jq -r .path <<<"$ANSWER" | cut -d/ -f4)" = "$1" ] || die "client $1: path $(jq -r .path <<<"$ANSWER")"
}

client_update() { # client id, redirect URIs
  call PUT "$CLIENTS/$1" "$(jq -n --argjson uris "$2" '{data: {redirectURIs: $uris}}')"
  check "client $1 updated"
}

client_show() { # client id, the redirect URIs it must have
  call GET "$CLIENTS/$1"
  check "client $1 shown"
  [ "$(jq -c .data.redirectURIs <<<"$ANSWER")" = "$(jq -c . <<<"$2")" ] || die "client $1: redirectURIs"
  [ "$(jq -r .data.client_secret <<<"$ANSWER")" = null ] || die "client $1: the secret is shown"
}

client_delete() { # client id
  call DELETE "$CLIENTS/$1"
  check "client $1 deleted"
  call GET "$CLIENTS/$1"
  [ "$(code)" != 0 ] && [ "$(jq -r .data.client_id <<<"$ANSWER")" = null ] || die "client $1: still there"
}

client_token() { # client id, secret: a token of its own
  ANSWER=$(curl -s -u "$1:$2" -d grant_type=client_credentials "$GWS/auth/v3/oauth/token")
  [ "$(jq -r .token_type <<<"$ANSWER")" = bearer ] || die "client $1: no token"
  echo "ok: client $1 has a token"
}

environment_create() { # the new id is left in ENVIRONMENT_ID
  call POST "$ENVIRONMENT/environments" "$(jq -n --arg id "$(cat /proc/sys/kernel/random/uuid)" --arg password "$TENANT_PASS" '{data: {
    id: $id, username: "default", password: $password, tenant: "Environment", appName: "Cloud",
    connectionProtocol: "addp", localTimeout: 60, remoteTimeout: 90, traceMode: "CFGTMBoth", tlsEnabled: false,
    configServers: [{primaryAddress: "confserver", primaryPort: 8888, readOnly: false, locations: "/USW1"}]}}')"
  check "environment created"
  ENVIRONMENT_ID=$(jq -r .path <<<"$ANSWER" | cut -d/ -f3)
  [ -n "$ENVIRONMENT_ID" ] && [ "$ENVIRONMENT_ID" != null ] || die "environment: no id in path"
}

contact_center_create() { # of ENVIRONMENT_ID, with the same id, as in private edition
  call POST "$ENVIRONMENT/contact-centers" "$(jq -n --arg id "$ENVIRONMENT_ID" --arg domain "$TENANT" \
    '{data: {id: $id, environmentId: $id, domains: [$domain], auth: "configServer"}}')"
  check "contact center created"
}

origins_by_settings() { # comma-separated origins
  call POST "$ENVIRONMENT/contact-centers/$ENVIRONMENT_ID/settings" "$(jq -n --arg value "$1" \
    '{data: {location: "/USW1", name: "cors-origins", shared: "true", value: $value}}')"
  check "cors-origins set"
  call GET "$ENVIRONMENT/contact-centers/$ENVIRONMENT_ID/settings"
  check "settings shown"
  jq -e --arg value "$1" '.data.settings | map(select(.name == "cors-origins" and .value == $value)) | length == 1' \
    >/dev/null <<<"$ANSWER" || die "settings: cors-origins"
}

origin_by_cors() { # one origin
  call POST "$ENVIRONMENT/cors" "$(jq -n --arg id "$ENVIRONMENT_ID" --arg origin "$1" \
    '{data: {contactCenterId: $id, origin: $origin}}')"
  check "origin $1 added"
  call GET "$ENVIRONMENT/cors"
  check "origins shown"
  jq -e --arg origin "$1" '.data.origins | tostring | contains($origin)' >/dev/null <<<"$ANSWER" || die "cors: $1"
}

deploy_clients() {
  local origins="[\"https://gauth.$DOMAIN\", \"https://wwe.$DOMAIN\"]"
  for client in external_api_client gws-app-workspace gws-app-provisioning; do
    if client_exists "$client"; then client_delete "$client"; fi
    client_add "$client" secret "$origins"
    client_show "$client" "$origins"
  done
  call POST "$CLIENTS" "$(client_record external_api_client secret "$origins")"
  [ "$(code)" != 0 ] || die "external_api_client was added twice"
  client_update gws-app-workspace "[\"https://gauth.$DOMAIN\", \"https://wwe.$DOMAIN\", \"https://new.$DOMAIN\"]"
  client_show gws-app-workspace "[\"https://gauth.$DOMAIN\", \"https://wwe.$DOMAIN\", \"https://new.$DOMAIN\"]"
  client_token external_api_client secret
  client_delete gws-app-provisioning
  client_exists gws-app-provisioning && die "gws-app-provisioning is still in the list"
  client_exists gws-app-workspace || die "gws-app-workspace is not in the list"
}

deploy_tenant() {
  environment_create
  contact_center_create
  origins_by_settings "https://wwe.$DOMAIN, https://gauth.$DOMAIN"
  origin_by_cors "https://new.$DOMAIN"
  echo "environment: $ENVIRONMENT_ID"
}

case ${1:-} in
  clients) deploy_clients ;;
  tenant) deploy_tenant ;;
  *) die "say clients or tenant" ;;
esac
echo "done: $1"
