"""A house for tests of the chain: the throw-away database, a clock that ticks by seconds."""

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from domain.identifiers import ulid
from domain.settings import Settings
from flows.house import House
from storage.db import Database
from tests.builders import NOW


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    moments = (NOW + timedelta(seconds=n) for n in count())

    def clock() -> datetime:
        return next(moments)

    return House(
        settings=Settings(home=tmp_path, sources=tmp_path),
        database=database,
        clock=clock,
        new_id=lambda prefix: f"{prefix}-{ulid(clock())}",
    )
