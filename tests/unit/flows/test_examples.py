from pathlib import Path

import pytest

from domain.errors import ConfigError
from flows.examples import examples


def a_file(folder: Path, text: str) -> Path:
    file = folder / "textes.jsonl"
    file.write_text(text, "utf-8")
    return file


def test_a_decided_text_is_an_example(tmp_path: Path) -> None:
    line = (
        '{"id": "a", "title": "Forum", "themes": ["engagement"], "scope": "no", "group": "g"}\n\n'
    )
    (one,) = examples(a_file(tmp_path, line))
    assert (one.id, one.themes, one.scope, one.group) == ("a", frozenset({"engagement"}), "no", "g")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"id": "a"}\n{"id": ', "ligne 2"),
        ("[1]", "list là où un objet"),
        ('{"id": "a"}', "ni « themes » ni « scope »"),
        ('{"themes": "engagement"}', "'engagement' là où une liste"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        list(examples(a_file(tmp_path, text.replace('{"id": "a"}\n', '{"scope": "no"}\n'))))
