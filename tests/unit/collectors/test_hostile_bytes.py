"""What fuzzing found (tools/fuzz.py), each as the smallest document that showed it."""

import pytest

from collectors.kinds import feed
from domain.errors import Unreadable
from tests.builders import a_source


def test_a_namespace_with_a_space_is_no_crash() -> None:
    body = '<feed xmlns="a\u00a0b\u00a0c"><entry><title>F</title></entry></feed>'
    with pytest.raises(Unreadable, match="mal formé"):
        feed.parse(body.encode(), a_source())
