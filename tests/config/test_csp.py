"""Where a form may end after redirects."""

import pytest

from config.http.csp import form_action_source


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://Desk.example.com/cb?x=1", "https://desk.example.com"),
        ("https://desk.example.com:8443/cb", "https://desk.example.com:8443"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:*"),
        ("http://[::1]/cb", "http://[::1]:*"),
        ("com.example.app:/cb", "com.example.app:"),
        ("https://evil.example;script-src *", ""),
        ("https://a b/", ""),
        ("javascript-;x:/", ""),
    ],
)
def test_the_source_is_a_canonical_origin_or_nothing(uri, source):
    assert form_action_source(uri) == source
