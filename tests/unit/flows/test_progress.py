"""How far `paat match` is: said on a terminal only, with what is left once it is worth saying."""

import io
from collections.abc import Iterator

from flows.progress import SHARES, steps
from matching.tables import match_rows


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(out: io.StringIO, seconds: Iterator[float]) -> list[str]:
    tell = steps(out, clock=lambda: next(seconds))
    for step in SHARES:
        tell(step)
    return out.getvalue().splitlines()


def test_each_step_says_where_it_is_and_what_is_left() -> None:
    lines = told(Terminal(), iter([0.0, 0.0, 40.0, 50.0, 60.0, 300.0, 700.0, 701.0]))
    assert lines[0] == "  … lecture (1 sur 6)"
    assert lines[1] == "  … fiches (2 sur 6, reste environ 16 min)"
    assert lines[3] == "  … comparaison (4 sur 6, reste environ 80 s)"


def test_a_short_work_and_a_file_are_told_nothing_more() -> None:
    assert told(Terminal(), iter([0.0] * 8))[3] == "  … comparaison (4 sur 6)"
    assert told(io.StringIO(), iter([0.0] * 8)) == []


def test_the_steps_are_those_of_match() -> None:
    said: list[str] = []
    rows = [{"nom": "Judo club de Gap"}, {"nom": "Judo-club de Gap"}]
    match_rows(rows, {"title": "nom"}, progress=said.append)
    assert [*said, "écriture"] == [*SHARES]
