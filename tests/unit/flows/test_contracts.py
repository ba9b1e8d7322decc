"""Examples are contracts: what differs is told by name; today's pages are compared with them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.errors import ConfigError
from flows import contracts, live_check
from flows.cli import paat

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES / "table-form", tmp_path / "table-form")
    return tmp_path


def test_an_example_that_holds_says_nothing(example: Path) -> None:
    (found,) = contracts.check(example)
    assert (found.slug, found.items, found.differences) == ("table-form", 2, ())
    assert found.as_text() == "✓ table-form : 2 annonces"


def test_what_differs_is_told_by_item_and_field(example: Path) -> None:
    file = example / "table-form" / "expected.json"
    wanted = json.loads(file.read_text("utf-8"))
    first, second = wanted["items"]
    first["fields"]["title"] = "Autre titre"
    second["key"] = "ailleurs"
    file.write_text(json.dumps(wanted), "utf-8")
    (found,) = contracts.check(example, ["table-form"])
    told = "\n".join(found.differences)
    assert f"{first['key']}, title : 'Autre titre' →" in told
    assert "n'est plus lue : ailleurs" in told
    assert "nouvelle : " in told
    ran = CliRunner().invoke(
        paat, ["source", "test", "--frozen", "--examples", str(example)], standalone_mode=False
    )
    assert ran.return_value == 1
    assert ran.stdout.startswith("✗ table-form")


def test_a_missing_expectation_is_written_and_fails_until_read(example: Path) -> None:
    (example / "table-form" / "expected.json").unlink()
    assert "vient d'être écrit" in contracts.check(example)[0].differences[0]
    assert contracts.check(example)[0].differences == ()
    with pytest.raises(ConfigError, match="paat source freeze absente"):
        contracts.check(example, ["absente"])


def test_a_field_that_is_no_longer_filled_is_told() -> None:
    frozen = [{"title": "a", "start": "2027-01-01"}, {"title": "b", "start": "x", "venue": "v"}]
    assert live_check.thinner(frozen, [{"title": "c"}] * 3) == [
        "start : rempli à 100% dans l'exemple, à 0% aujourd'hui",
        "venue : rempli à 50% dans l'exemple, à 0% aujourd'hui",
    ]
    assert live_check.thinner(frozen, frozen) == []


def test_the_sources_a_change_touches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@t")
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)

    monkeypatch.chdir(tmp_path)
    block = '[[source]]\nslug = "{0}"\nkind = "{1}"\nurl = "https://{0}.example"\n\n'
    file, kind = Path("sources/05.toml"), Path("collectors/kinds/page.py")
    for path in (file, kind):
        path.parent.mkdir(parents=True)
    before = [block.format("a", "feed"), block.format("b", "feed"), block.format("c", "page")]
    file.write_text("".join(before), "utf-8")
    kind.write_text("VERSION = 1\n", "utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    assert live_check.touched(Path("sources"), "HEAD") == []
    file.write_text("".join(before).replace("https://b", "https://b2"), "utf-8")
    assert live_check.touched(Path("sources"), "HEAD") == ["b"]
    kind.write_text("VERSION = 2\n", "utf-8")
    assert live_check.touched(Path("sources"), "HEAD") == ["b", "c"]
    with pytest.raises(ConfigError, match="donnez une référence de Git"):
        live_check.touched(Path("sources"), "jamais")
