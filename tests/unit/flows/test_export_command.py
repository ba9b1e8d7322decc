"""`paat export census` says what is wrong in French, exit code 2, before opening anything."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import paat


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"--campaign": "PAAT-1936"}, "choisissez parmi ALPES-2030, PAAT-2024"),
        ({"--format": "doc"}, "atom, csv"),
        ({"-o": "nulle/part/r.csv"}, "n'existe pas"),
        ({"-o": "."}, "est un dossier"),
    ],
)
def test_what_cannot_be_exported_is_told_in_french(
    changes: dict[str, str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = {"--campaign": "PAAT-2024", "--format": "csv", "-o": "r.csv", **changes}
    arguments = [word for pair in options.items() for word in pair]
    done = CliRunner().invoke(paat, ["export", "census", *arguments])
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())
    assert not list(tmp_path.iterdir())
