"""Every format, read back by a reader that is not ours."""

import csv as stdcsv
import io
import json as stdjson
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import feedparser
import icalendar
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from census.cells import neutralised
from census.columns import chosen
from census.files import whole_file
from census.filters import Filter, filter_of
from census.formats.ics import escaped, folded
from census.table import Watched, format_named, format_names
from domain.campaigns import Subsidies
from domain.errors import ConfigError
from domain.records import Dossier
from domain.statuses import EventStatus
from tests.builders import a_campaign, a_dossier
from tests.unit.census.test_census_rows import census_of, with_status

NAMES = [column.name for column in chosen()]
TITLES = [column.title for column in chosen()]
LIGHT = [name for name in format_names() if name != "parquet"]
HOSTILE = '=HYPERLINK("http://mal.example";"Cliquez")'


def written(name: str, *dossiers: Dossier, **more: object) -> bytes:
    out = io.BytesIO()
    format_named(name).write(census_of(*dossiers, **more), out)  # type: ignore[arg-type]
    return out.getvalue()


def two() -> tuple[Dossier, Dossier]:
    """Two initiatives, one with everything that goes wrong in a file."""
    return (
        a_dossier(
            "Fête « été » ; l'eau, <b>&amp; le sport",
            id="PAAT-93-A",
            themes=["heritage", "solidarite"],
            description="Ligne 1\nLigne 2",
            audience=["scolaires", "psh"],
            commune_code="04070",
            department="04",
            amount=1500.0,
            funders=["ANS"],
            siret="40229699000037",
        ),
        a_dossier(HOSTILE, id="PAAT-93-B", days=(), commune_code=None, department=None),
    )


def test_csv_opens_in_french_excel_and_follows_the_published_schema() -> None:
    data = written("csv", *two())
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(stdcsv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert list(rows[0]) == NAMES
    assert rows[0]["code_commune"] == "04070"
    assert rows[0]["publics"] == "scolaires|psh"
    assert rows[0]["theme_heritage"] == "true"
    assert rows[1]["intitule"] == f"'{HOSTILE}"


def test_xlsx_has_real_dates_codes_as_text_and_a_readme() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", *two())))
    sheet = book["Recensement"]
    head, first, second = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=3))
    assert head == TITLES
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref is not None
    assert first[NAMES.index("date_debut")].date() == date(2027, 6, 5)
    assert first[NAMES.index("code_commune")] == "04070"
    assert second[NAMES.index("intitule")] == HOSTILE  # text, not a formula
    assert sheet.cell(3, NAMES.index("intitule") + 1).data_type == "s"
    told = {row[0].value: row[1].value for row in book["Lisez-moi"].iter_rows()}
    assert told["Campagne"] == "ESSAI-2027"
    assert told["Nombre d'initiatives"] == "2"


def test_ods_says_the_same_as_xlsx() -> None:
    ods = CalamineWorkbook.from_filelike(io.BytesIO(written("ods", *two())))
    assert ods.sheet_names == ["Recensement", "Lisez-moi"]
    head, first, second = ods.get_sheet_by_name("Recensement").to_python()
    assert head == TITLES
    assert first[NAMES.index("date_debut")] == date(2027, 6, 5)
    assert first[NAMES.index("code_commune")] == "04070"
    assert first[NAMES.index("description")] == "Ligne 1\nLigne 2"
    assert first[NAMES.index("montant_accorde")] == 1500
    assert second[NAMES.index("intitule")] == HOSTILE


def test_json_jsonl_and_geojson_hold_the_same_rows() -> None:
    whole = stdjson.loads(written("json", *two()))
    lines = [stdjson.loads(line) for line in written("jsonl", *two()).splitlines()]
    places = stdjson.loads(written("geojson", *two()))["features"]
    assert whole["initiatives"] == lines
    assert whole["campagne"] == "ESSAI-2027"
    assert [one["id"] for one in places] == [one["animation_id"] for one in lines]
    assert places[0]["geometry"]["coordinates"][0] == pytest.approx(6.236, abs=0.01)
    assert places[1]["geometry"] is None


def test_ics_is_read_by_icalendar_with_stable_uids() -> None:
    gone = with_status(a_dossier("Course annulée", id="PAAT-93-C"), EventStatus.CANCELLED)
    calendar = icalendar.Calendar.from_ical(written("ics", *two(), gone))
    first, cancelled = calendar.walk("VEVENT")  # the undated one is not an event
    assert first["SUMMARY"] == "Fête « été » ; l'eau, <b>&amp; le sport"
    assert first["DTSTART"].dt == date(2027, 6, 5)
    assert first["DTEND"].dt == date(2027, 6, 6)  # not included
    assert first["UID"] == "ED-PAAT-93-A-0@paat"
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled["SUMMARY"].startswith("ANNULÉ")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_ics_lines_fold_at_75_octets_and_unfold_to_themselves(words: str) -> None:
    line = f"SUMMARY:{escaped(words)}"
    physical = folded(line).encode().split(b"\r\n ")
    assert len(physical[0]) <= 75
    assert all(len(part) <= 74 for part in physical[1:])
    assert b"".join(physical).decode() == line


def test_atom_is_read_by_feedparser() -> None:
    feed = feedparser.parse(written("atom", *two(), address="https://paat.example"))
    assert not feed.bozo
    assert {one.link for one in feed.entries} == {
        "https://paat.example/recensement/initiative/PAAT-93-A",
        "https://paat.example/recensement/initiative/PAAT-93-B",
    }
    assert feed.feed.rights.startswith("Licence Ouverte")


def test_datapackage_describes_the_file_it_holds() -> None:
    with zipfile.ZipFile(io.BytesIO(written("datapackage", *two()))) as archive:
        descriptor = stdjson.loads(archive.read("datapackage.json"))
        (resource,) = descriptor["resources"]
        data = archive.read(resource["path"])
        schema = stdjson.loads(archive.read(resource["schema"]))
        assert "README.md" in archive.namelist()
    assert resource["bytes"] == len(data)
    header = data.decode("utf-8-sig").splitlines()[0].split(";")
    assert header == [one["name"] for one in schema["fields"]]


def test_scdl_keeps_only_what_was_granted() -> None:
    rows = list(stdcsv.DictReader(io.StringIO(written("scdl-subventions", *two()).decode())))
    (row,) = rows
    assert (row["montant"], row["nomAttribuant"]) == ("1500", "ANS")
    assert row["idBeneficiaire"] == "40229699000037"
    assert row["datesPeriodeVersement"] == "2027-06-05/2027-06-05"
    assert row["idAttribuant"] == ""  # unknown here: never invented


def test_scdl_is_completed_by_the_source_then_by_the_campaign() -> None:
    ours = Subsidies(attributor="DRAJES", attributor_id="40229699000037", conditions="unique")
    theirs = Subsidies(
        attributor="Ville", attributor_id="35600000000048", agreed_on=date(2027, 2, 1)
    )
    town = Watched(slug="gap", title="Ville", health="", subsidies=theirs)
    one = a_dossier("Course", amount=1500.0)
    for watched, named in (((), "DRAJES"), ((town,), "Ville")):
        table = census_of(one, campaign=a_campaign(subsidies=ours), watched=watched)
        out = io.BytesIO()
        format_named("scdl-subventions").write(table, out)
        (row,) = stdcsv.DictReader(io.StringIO(out.getvalue().decode()))
        assert row["nomAttribuant"] == named
        assert (row["nature"], row["pourcentageSubvention"]) == ("aide en numéraire", "1")


def test_scdl_says_what_a_file_lacks_before_it_is_published() -> None:
    check = format_named("scdl-subventions").check
    told = check(written("scdl-subventions", *two()))
    assert "« idAttribuant » manque : 1 ligne" in told
    assert "« dateConvention » manque : 1 ligne" in told
    whole = Subsidies(
        attributor="DRAJES",
        attributor_id="40229699000037",
        agreed_on=date(2027, 1, 1),
        conditions="unique",
    )
    table = census_of(*two(), campaign=a_campaign(subsidies=whole))
    out = io.BytesIO()
    format_named("scdl-subventions").write(table, out)
    assert check(out.getvalue()) == []


def test_parquet_without_pyarrow_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import io; from census.formats import parquet\n"
        "parquet.write(None, io.BytesIO())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "uv sync --extra parquet" in done.stderr


def test_parquet_keeps_types() -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="optional: uv sync --extra parquet")
    found = pq.read_table(io.BytesIO(written("parquet", *two()))).to_pylist()
    assert found[0]["date_debut"] == date(2027, 6, 5)
    assert found[0]["publics"] == ["scolaires", "psh"]
    assert found[0]["code_commune"] == "04070"


@pytest.mark.parametrize("name", LIGHT)
def test_same_state_and_date_same_bytes(name: str) -> None:
    assert written(name, *two()) == written(name, *two())


@pytest.mark.parametrize("name", LIGHT)
def test_no_row_is_a_valid_file_all_the_same(name: str) -> None:
    # In JSON Lines no line is the valid way to say none.
    assert written(name) or name == "jsonl"


@given(st.text(min_size=1))
def test_no_text_of_a_csv_is_a_formula(words: str) -> None:
    assert neutralised(words)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


def test_a_negative_number_is_not_a_formula() -> None:
    assert neutralised(-5.25) == "-5.25"


# --- filters, formats, files -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"theme": "heritage"}, ["PAAT-93-A"]),
        ({"departement": "04"}, ["PAAT-93-A"]),
        ({"mois": "2027-06"}, ["PAAT-93-A"]),
        ({"mois": "2027-07"}, []),
        ({"public": "psh"}, ["PAAT-93-A"]),
        ({"q": "ete SPORT"}, ["PAAT-93-A"]),
        ({"statut": "envisagee", "inconnu": "x"}, ["PAAT-93-B"]),
        ({}, ["PAAT-93-A", "PAAT-93-B"]),
    ],
)
def test_filters_keep_what_is_asked(asked: dict[str, str], kept: list[str]) -> None:
    assert [row["animation_id"] for row in census_of(*two(), keep=filter_of(asked))] == kept


def test_a_filter_is_told_in_french_in_the_file() -> None:
    said = stdjson.loads(written("json", *two(), keep=Filter(mois="2027-06")))
    assert said["filtres"] == ["mois : juin 2027"]


@pytest.mark.parametrize("asked", [{"theme": "ski"}, {"mois": "juin"}, {"mois": "2027-13"}])
def test_an_impossible_filter_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        filter_of(asked)


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"csv.*xlsx"):
        format_named("doc")


def test_an_interrupted_export_leaves_the_old_file_and_no_half_one(tmp_path: Path) -> None:
    target = tmp_path / "r.csv"
    target.write_bytes(b"avant")

    def interrupted() -> None:
        with whole_file(target) as out:
            out.write(b"moiti")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [one.name for one in tmp_path.iterdir()] == ["r.csv"]
    assert target.read_bytes() == b"avant"


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="un autre -o"), whole_file(tmp_path / "non" / "r.csv"):
        pass
    (tmp_path / "dossier").mkdir()
    (tmp_path / "dossier" / "x").touch()
    with pytest.raises(ConfigError, match="remplaçable"), whole_file(tmp_path / "dossier") as out:
        out.write(b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["dossier"]


@pytest.mark.parametrize("name", ["csv", "xlsx", "ods", "jsonl"])
def test_memory_does_not_grow_with_rows(name: str) -> None:
    import tracemalloc

    def peak(rows: int) -> int:
        one = a_dossier(description="mots " * 40)
        tracemalloc.start()
        format_named(name).write(census_of(*[one] * rows), io.BytesIO() if rows < 2 else _Sink())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # what is imported and cached once
    assert peak(800) < peak(200) + 800_000


class _Sink(io.RawIOBase):
    """A file that keeps nothing, and cannot go back: what a slow network is."""

    def __init__(self) -> None:
        self.position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        size = len(memoryview(data))  # type: ignore[arg-type]
        self.position += size
        return size

    def tell(self) -> int:
        return self.position
