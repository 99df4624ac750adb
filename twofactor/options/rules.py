"""What the options of one settings page must be together."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError

from config.http.errors import FieldError
from environment.declarations import ListOption, Named, Standing, option_rule
from twofactor.options.external import (
    CHECK_URL,
    CHECK_URL_TEST,
    ENTER_MAX,
    ENTER_MIN,
    SEND_URL,
    SEND_URL_TEST,
    VERIFY_URL,
    VERIFY_URL_TEST,
)
from twofactor.options.fixed_codes import fixed_code_read
from twofactor.options.internal import DIGITS
from twofactor.options.settings import (
    CODE_GENERATION,
    DEFAULT_PATHS,
    MAX_SENDS_PATH,
    MAX_VERIFY_PATH,
    NO_INPUT_PATH,
    NO_MATCH_PATH,
    NO_METHOD_PATH,
    PATHS,
    TEST_DESTINATIONS,
)

_BEHAVIOURS = (NO_METHOD_PATH, MAX_SENDS_PATH, MAX_VERIFY_PATH, NO_INPUT_PATH, NO_MATCH_PATH)
_PAIRS = ((CHECK_URL_TEST, CHECK_URL), (SEND_URL_TEST, SEND_URL), (VERIFY_URL_TEST, VERIFY_URL))


@option_rule(PATHS, *_BEHAVIOURS)
def paths_exist(named: Named, standing: Standing) -> Iterator[FieldError]:
    """Every behaviour names a path that there is (part E.10)."""
    known = {*DEFAULT_PATHS, *ListOption.split(standing.get(str(PATHS), ""))}
    for each in _BEHAVIOURS:
        path = standing.get(str(each), each.default)
        if path and path not in known:
            yield FieldError(str(each), "unknown", f"There is no path {path!r}: add it to {PATHS}.")


@option_rule(CODE_GENERATION, *(one for pair in _PAIRS for one in pair))
def services_are_whole(named: Named, standing: Standing) -> Iterator[FieldError]:
    """A test call never falls back to a production address, nor the other way round (part A.3)."""
    for test, production in _PAIRS:
        has_test, has_production = bool(standing.get(str(test))), bool(standing.get(str(production)))
        if has_test != has_production:
            missing = production if has_test else test
            yield FieldError(str(missing), "required", "Test and production calls need an address each.")
    external = standing.get(str(CODE_GENERATION), "").strip().casefold() == "external"
    for _test, production in _PAIRS[::2] if external else ():
        if not standing.get(str(production)):
            yield FieldError(str(production), "required", "External codes need this web service.")


@option_rule(ENTER_MIN, ENTER_MAX)
def fewest_before_most(named: Named, standing: Standing) -> Iterator[FieldError]:
    """The grammar has room."""
    if int(standing.get(str(ENTER_MIN), ENTER_MIN.default)) > int(standing.get(str(ENTER_MAX), ENTER_MAX.default)):
        yield FieldError(str(ENTER_MAX), "invalid", "The most digits are fewer than the fewest.")


@option_rule(TEST_DESTINATIONS, DIGITS)
def fixed_codes_can_be_entered(named: Named, standing: Standing) -> Iterator[FieldError]:
    """Prompt and grammar wait for as many digits as codes have that are made here. No code is quoted."""
    digits = int(standing.get(str(DIGITS), DIGITS.default))
    for entry in ListOption.split(standing.get(str(TEST_DESTINATIONS), "")):
        try:
            _destination, code = fixed_code_read(entry)
        except ValidationError:
            continue  # stored before it was checked: it counts as none
        if len(code) != digits:
            yield FieldError(str(TEST_DESTINATIONS), "invalid", f"Fixed codes need {digits} digits each ({DIGITS}).")
            return
