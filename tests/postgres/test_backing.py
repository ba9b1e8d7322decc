"""The database and the archive of raw answers, backed up together and put back together."""

import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.upkeep.archive import of_settings
from domain.errors import StorageError
from domain.records import Visit
from domain.settings import Settings
from domain.statuses import Outcome
from flows import backing
from flows.house import House
from storage import sources
from tests.builders import NOW, a_source, later


def archived(house: House, days: float, body: bytes) -> None:
    source = a_source()
    shelf = of_settings(house.settings).begin(source, {}, later(days=days))
    shelf.keep("u", body, url="u", status=200, headers={}, at=NOW)
    shelf.end(Visit(source=source.slug, outcome=Outcome.OK, started_at=NOW))


def tree(house: House) -> dict[str, bytes]:
    root = of_settings(house.settings).folder
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def slugs(house: House) -> list[str]:
    with house.database.reading() as conn:
        return sorted(sources.known(conn))


def test_the_archive_goes_and_comes_with_the_database(house: House, tmp_path: Path) -> None:
    with house.database.begin() as conn:
        sources.register(conn, [a_source()])
    archived(house, 0, b"un")
    before, file = tree(house), tmp_path / "tout.tar"
    backing.backup(house, file, with_archive=True)
    assert file.stat().st_mode & 0o077 == 0  # it holds personal data
    with house.database.begin() as conn:
        sources.register(conn, [a_source("apres")])
    archived(house, 1, b"deux")
    assert backing.restore(house, file)
    assert (tree(house), slugs(house)) == (before, ["gap"])
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_on_another_machine_both_are_there(house: House, tmp_path: Path) -> None:
    archived(house, 0, b"un")
    backing.backup(house, tmp_path / "tout.tar", with_archive=True)
    other = replace(house, settings=Settings(home=tmp_path / "ailleurs", sources=tmp_path))
    assert backing.restore(other, tmp_path / "tout.tar")
    assert tree(other) == tree(house)


def test_a_backup_of_the_database_alone_leaves_the_archive(house: House, tmp_path: Path) -> None:
    backing.backup(house, tmp_path / "base.dump")
    archived(house, 0, b"un")
    before = tree(house)
    assert not backing.restore(house, tmp_path / "base.dump")
    assert tree(house) == before


def test_a_tar_that_is_no_backup_changes_nothing(house: House, tmp_path: Path) -> None:
    archived(house, 0, b"un")
    before = tree(house)
    (tmp_path / "lettre.txt").write_text("bonjour")
    with tarfile.open(tmp_path / "autre.tar", "w") as out:
        out.add(tmp_path / "lettre.txt", "lettre.txt")
    with pytest.raises(StorageError, match=r"base\.dump est introuvable"):
        backing.restore(house, tmp_path / "autre.tar")
    with tarfile.open(tmp_path / "mauvais.tar", "w") as out:
        out.add(tmp_path / "lettre.txt", "../dehors.txt")
    with pytest.raises(StorageError, match="rien n'a été changé"):
        backing.restore(house, tmp_path / "mauvais.tar")
    assert tree(house) == before


def test_a_place_that_cannot_be_written_is_told(house: House, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="écriture impossible"):
        backing.backup(house, tmp_path / "absent" / "tout.tar", with_archive=True)
