"""config.serving.bodies: bodies that do not come cost their own address, and never all readers."""

from contextlib import ExitStack

import pytest

from config.http.errors import Busy
from config.serving import bodies
from config.serving.bodies import BodyReaders


def test_one_address_has_a_share_of_the_readers() -> None:
    readers = BodyReaders()
    with ExitStack() as held:
        for _ in range(bodies.OF_ADDRESS):
            held.enter_context(readers.seat("192.0.2.1"))
        with pytest.raises(Busy), readers.seat("192.0.2.1"):
            pass
        with readers.seat("192.0.2.2"):
            pass
    with readers.seat("192.0.2.1"):
        pass


def test_all_addresses_together_have_no_more_than_the_readers() -> None:
    readers = BodyReaders()
    with ExitStack() as held:
        for number in range(bodies.READERS):
            held.enter_context(readers.seat(f"192.0.2.{number}"))
        with pytest.raises(Busy), readers.seat("192.0.2.99"):
            pass
