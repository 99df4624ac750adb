"""RFC 7636: the verifier's own form, where the challenge fits it; the line stands in the docstring."""

from __future__ import annotations

import base64
import hashlib
from string import ascii_letters, digits

import pytest

from tests.cast import by_code, new_code
from tests.oauthapi.browser import Browser, members_of

UNRESERVED = ascii_letters + digits + "-._~"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("verifier", [UNRESERVED[:43], UNRESERVED[-43:], (UNRESERVED * 2)[:128]])
def test_every_verifier_of_the_right_form_is_taken(spa, bob, verifier):
    """verifier 43-128 unreserved chars; S256 mandatory to implement"""
    code = new_code(spa, bob, code_challenge=challenge_of(verifier))
    assert by_code(spa, code, code_verifier=verifier).status_code == 200


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "+", "v" * 42 + "=", "v" * 42 + " ", "é" * 43,
                                      "v" * 43 + "\n"])  # fmt: skip
def test_a_verifier_of_a_wrong_form_is_refused_although_its_hash_fits(spa, bob, verifier):
    """verifier 43-128 unreserved chars"""
    code = new_code(spa, bob, code_challenge=challenge_of(verifier))
    answer = by_code(spa, code, code_verifier=verifier)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_challenge_is_no_verifier(spa, bob):
    """missing/incorrect verifier → invalid_grant: what ``plain`` would take is refused"""
    verifier = "v" * 43
    code = new_code(spa, bob, code_challenge=verifier)
    assert by_code(spa, code, code_verifier=verifier).json()["error"] == "invalid_grant"


def test_two_codes_keep_their_own_challenges(spa, bob):
    """store challenge with code"""
    browser = Browser().signed_in(bob)
    verifiers = ["a" * 43, "b" * 43]
    codes = [members_of(browser.authorize(spa, code_challenge=challenge_of(each)))["code"] for each in verifiers]
    assert by_code(spa, codes[1], code_verifier=verifiers[1]).status_code == 200
    assert by_code(spa, codes[0], code_verifier=verifiers[1]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("challenge", ["short", "x" * 42, "x" * 44, "x" * 43 + "=", "x" * 43 + "\n", "x" * 42 + "+"])
def test_a_challenge_that_is_no_sha256_is_told_before_anybody_signs_in(spa, challenge):
    """unknown method → invalid_request at authorize, a challenge of a wrong form too"""
    answer = Browser().authorize(spa, code_challenge=challenge)
    assert members_of(answer)["error"] == "invalid_request"
