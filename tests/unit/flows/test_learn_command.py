"""`paat learn themes`: what cannot be learned is told, and the model that was there stays."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from classifiers.cold import rules_model
from domain.errors import ConfigError, QualityError
from flows.cli import paat

KEPT = b"the model that was there"


def _said(title: str, *themes: str, **more: object) -> dict[str, object]:
    return {"id": title, "title": title, "themes": list(themes), "scope": "no", **more}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [_said("Fête"), _said("Bal"), _said("Loto")],  # a single class
        [_said(t, *s) for t in ("a", "b", "c") for s in (("heritage",), ())],  # contradictions
        [_said("Fête", "sport"), _said("Bal")],  # no such theme
        [_said("Fête", scope="maybe"), _said("Bal", "heritage")],
    ],
)
def test_what_cannot_be_learned_leaves_the_old_model(
    tmp_path: Path, rows: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifiers.cold.cold_model", rules_model)
    file, model = tmp_path / "told.jsonl", tmp_path / "themes.model"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    model.write_bytes(KEPT)
    told = CliRunner().invoke(paat, ["learn", "themes", str(file), "-o", str(model)])
    assert isinstance(told.exception, ConfigError | QualityError)
    assert model.read_bytes() == KEPT
