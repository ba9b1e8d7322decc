"""The JSON lines of `paat classify`."""

import json

from classifiers.cold import rules_model
from classifiers.rows import classify_rows
from domain.campaigns import THEMES


def _lines(*rows: dict[str, object]) -> list[dict[str, object]]:
    return list(classify_rows(rows, model=rules_model()))


def test_a_line_has_the_shape_of_the_contract() -> None:
    (line,) = _lines({"id": 7, "title": "Ramassage de déchets", "description": "sur la plage"})
    assert line["id"] == "7"
    assert list(line["themes"]) == list(THEMES)  # type: ignore[call-overload]
    durable = line["themes"]["developpement-durable"]  # type: ignore[index]
    assert set(durable) == {"p", "chosen", "reasons"}
    assert durable["chosen"]
    assert any("Ramassage" in reason for reason in durable["reasons"])
    assert set(line["scope"]) == {"p", "chosen", "reasons"}  # type: ignore[call-overload]
    json.dumps(line)


def test_a_row_without_id_is_named_by_its_number() -> None:
    assert [line["id"] for line in _lines({"title": "a"}, {"title": "b"})] == ["1", "2"]


def test_bad_texts_are_answered_too() -> None:
    rows = [
        {"id": "empty", "title": "", "description": None},
        {"id": "huge", "title": "x", "description": "déchets " * 150_000},
        {"id": "odd", "title": "\x00\ud800 🏊 עברית", "description": "﷽" * 50},
    ]
    assert [line["id"] for line in _lines(*rows)] == ["empty", "huge", "odd"]


def test_another_language_is_asked() -> None:
    text = "The sports club is looking for volunteers to help with the waste sorting on the beach"
    (line,) = _lines({"id": 1, "title": text})
    assert not any(theme["chosen"] for theme in line["themes"].values())  # type: ignore[attr-defined]
