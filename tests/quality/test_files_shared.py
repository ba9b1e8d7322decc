"""Real files of ../shared read whole: counts, fields filled, and what must be refused."""

from collections import Counter
from pathlib import Path

import pytest

from collectors.imports import Import, read_import
from collectors.kinds.action_sheet import parse
from domain.errors import Unreadable
from domain.records import Source

pytestmark = pytest.mark.quality

ROOT = Path(__file__).parents[2]
SHARED = next(  # ../shared beside the product, or one level up from a worktree
    (p for up in (ROOT.parent, ROOT.parent.parent) if (p := up / "shared").exists()),
    ROOT.parent / "shared",
)
needs_shared = pytest.mark.skipif(
    not (SHARED / "real").exists(), reason="../shared is not there: real files cannot be read"
)
SOURCE = Source(slug="essai", title="Essai", kind="action_sheet", url="file:essai")


def read(path: str) -> Import:
    file = SHARED / path
    return read_import(file.read_bytes(), name=file.name)


@needs_shared
@pytest.mark.parametrize(
    ("path", "count", "filled"),
    [
        ("real/tables/angers.json", 63, {"title": 63, "commune": 63, "lat": 63, "postcode": 63}),
        ("real/tables/corse.json", 160, {"title": 160, "lat": 160, "address": 155}),
        ("real/tables/etapes-numerique.json", 95, {"insee": 95, "siret": 95, "postcode": 95}),
        ("real/tables/gironde.json", 347, {"title": 347, "text": 333, "commune": 347}),
        ("real/tables/la-creuse.json", 91, {"title": 91, "text": 91, "phone": 91}),
        ("real/tables/nouvelle-caledonie.json", 92, {"title": 92, "organiser": 71, "lat": 92}),
        ("real/grants/subventions_jop.csv", 2422, {"title": 2422, "amount": 2419, "year": 2412}),
        ("real/grants/subventions_paca.csv", 6202, {"title": 6202, "department": 6202}),
    ],
)
def test_real_tables_keep_their_rows_and_fields(
    path: str, count: int, filled: dict[str, int]
) -> None:
    items = read(path).items
    got = Counter(field for item in items for field in item.fields)
    assert len(items) == count
    assert len({item.key for item in items}) == count
    assert {field: got[field] for field in filled if got[field] < filled[field]} == {}


@needs_shared
def test_codes_read_as_numbers_get_their_zeros_back() -> None:
    items = read("real/tables/etapes-numerique.json").items
    assert items[0].fields["insee"] == "01053"
    assert all(len(item.fields["postcode"]) == 5 for item in items)


@needs_shared
def test_exchanged_coordinates_are_put_right() -> None:
    items = read("real/tables/gironde.json").items
    assert sum(44 < item.fields["lat"] < 46 for item in items if "lat" in item.fields) > 340


@needs_shared
@pytest.mark.parametrize(("start", "count"), [("001", 1), ("003", 8)])
def test_action_sheets_of_the_seeds(start: str, count: int) -> None:
    (file,) = (SHARED / "seeds").glob(f"{start}_*")
    items = parse(file.read_bytes(), SOURCE)
    assert len(items) == count
    assert all({"title", "text", "when", "organiser"} <= item.fields.keys() for item in items)
    assert all(item.fields["sheet"]["liste_indicateurs"] for item in items)


@needs_shared
@pytest.mark.parametrize("start", ["000", "002", "004"])
def test_documents_that_are_no_action_sheets_are_refused(start: str) -> None:
    (file,) = (SHARED / "seeds").glob(f"{start}_*")
    with pytest.raises(Unreadable, match="fiche action"):
        parse(file.read_bytes(), SOURCE)
