"""The validator's parts, one per stage of the protocol (override points: reference of oauthlib's RequestValidator)."""
