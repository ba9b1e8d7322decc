from pathlib import Path

import pytest

from collectors.kinds import COMMON_OPTIONS, kinds
from collectors.load import load_sources, read_block, write_block
from domain.errors import ConfigError

GOOD = '[[source]]\nslug = "un"\ntitle = "Un"\nkind = "feed"\nurl = "https://un.example/rss"\n'
SOURCES = Path(__file__).parents[3] / "sources"


def load(tmp_path: Path, **files: str) -> tuple[list[str], list[str]]:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    sources, errors = load_sources(tmp_path)
    return [source.slug for source in sources], [str(error) for error in errors]


def test_the_sources_of_the_region_all_load() -> None:
    sources, errors = load_sources(SOURCES)
    assert errors == []
    assert {one.department for one in sources} >= {"04", "05", "06", "13", "83", "84"}
    assert len(sources) >= 20


@pytest.mark.parametrize("source", load_sources(SOURCES)[0], ids=lambda source: source.slug)
def test_a_written_block_reads_back_as_the_same_source(tmp_path: Path, source) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "x.toml").write_text(write_block(source), "utf-8")
    assert load_sources(tmp_path) == ([source], [])


def test_a_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    slugs, errors = load(tmp_path, a="[[source]\nslug", b=GOOD)
    assert slugs == ["un"]
    assert errors[0].startswith("a.toml: ")


def test_a_broken_block_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    broken = '[[source]]\nslug = "deux"\ntitle = "sans fin\n'
    third = GOOD.replace("un", "trois")
    slugs, errors = load(tmp_path, a=f"{GOOD}\n{broken}\n{third}")
    assert slugs == ["un", "trois"]
    assert "a.toml:bloc 2 (ligne 7)" in errors[0]


def test_a_slug_is_taken_once(tmp_path: Path) -> None:
    slugs, errors = load(tmp_path, a=GOOD, b=GOOD)
    assert slugs == ["un"]
    assert "déjà pris par a.toml:un" in errors[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "feeed"', "vouliez-vous dire 'feed'"),
        ('slug = "Un Deux"', "minuscules"),
        ('url = "ftp://un.example/"', "https://… (ou file:chemin) est attendu"),
        ('url = "https://moi:secret@un.example/"', "identifiant"),
        ("url = 12", "entre guillemets"),
        ('department = "99"', 'écrivez par exemple "05"'),
        ('commune = "Gap"', "INSEE"),
        ('publisher = "mairie"', "publisher 'mairie' inconnu"),
        ('campaign = "PAAT-2042"', "PAAT-2024"),
        ("every_hours = 0", "positif"),
        ("expect_min = -1", "nombre entier"),
        ("expect_min = 9\nexpect_max = 3", "échangez-les"),
        ('enabled = "oui"', "true ou false"),
        ('titel = "Un"', "vouliez-vous dire 'title'"),
        ('options = { kee = "guid" }', "vouliez-vous dire 'key'"),
        ('options = { key = "autre" }', "guid, link, title"),
        ('title = ""', "title absent"),
    ],
)
def test_what_is_impossible_is_told_with_its_place(tmp_path: Path, line: str, words: str) -> None:
    name = line.partition(" ")[0]
    kept = [one for one in GOOD.splitlines() if not one.startswith(f"{name} ")]
    slugs, errors = load(tmp_path, a="\n".join([*kept, line]))
    assert slugs == []
    assert words in errors[0]
    assert errors[0].startswith("a.toml:")


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("page", {"item": "a[["}, "sélecteur CSS"),
        ("page", {"next": "a"}, "ajoutez item"),
        ("page", {"item": "a", "max_pages": "dix"}, "nombre entier"),
        ("calendar", {"past_days": -1}, "nombre de jours"),
        ("opendatasoft", {"preset": "openagendas"}, "openagenda"),
        ("opendatasoft", {"mapping": {"titre": "nom"}}, "mapping.titre inconnu"),
    ],
)
def test_each_kind_checks_its_options(kind: str, options: dict[str, object], words: str) -> None:
    block = {
        "slug": "xx",
        "title": "X",
        "kind": kind,
        "url": "https://x.example",
        "options": options,
    }
    with pytest.raises(ConfigError, match=words):
        read_block(block, about="x")


@pytest.mark.parametrize("name", kinds())
def test_a_kind_is_documented_and_complete(name: str) -> None:
    kind = kinds()[name]
    guide = (SOURCES.parent / "docs" / "sources.md").read_text("utf-8")
    assert kind.__doc__
    assert callable(kind.collect)
    assert name == "folder" or callable(kind.parse)  # a folder reads by the other kinds
    assert f"### `{name}`" in guide
    section = guide.partition(f"### `{name}`")[2].partition("\n### ")[0]
    for option in kind.OPTIONS:
        assert f"`{option}`" in section, f"{option} is not in docs/sources.md"


@pytest.mark.parametrize("option", COMMON_OPTIONS)
def test_common_options_are_documented(option: str) -> None:
    assert f"`{option}`" in (SOURCES.parent / "docs" / "sources.md").read_text("utf-8")
