"""What a file says, whoever wrote it: delimiters, encodings, headers, sheets. Fictitious."""

import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.tables.reading import Table, clean_value, read_table
from domain.errors import Unreadable

ROWS = [
    {"titre": "Fête du sport", "commune": "Gap", "places": "120"},
    {"titre": "Dictée; géante", "commune": "Nice", "places": None},
]


def text(delimiter: str = ",", rows: list[dict[str, str | None]] = ROWS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def xlsx(*sheets: tuple[str, list[list[object]]], merges: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in merges:
            sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def everything(table: Table) -> list[dict[str, object]]:
    return list(table.rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    table = read_table(text(delimiter).encode(encoding), name="export.csv")
    assert table.columns == ("titre", "commune", "places")
    assert everything(table) == ROWS


def test_rows_can_be_read_twice() -> None:
    table = read_table(text().encode())
    assert everything(table) == everything(table) == ROWS


def test_quoted_newlines_excel_mark_and_empty_lines() -> None:
    table = read_table(b'sep=;\r\ntitre;texte\r\n"A";"un\ndeux"\r\n;;\r\n\r\n"B";"x ""y"""\r\n')
    assert everything(table) == [
        {"titre": "A", "texte": "un\ndeux"},
        {"titre": "B", "texte": 'x "y"'},
    ]


def test_same_names_are_made_unique() -> None:
    table = read_table(b"nom,nom,,ville\na,b,c,d\n")
    assert table.columns == ("nom", "nom (2)", "colonne 3", "ville")


def test_ragged_rows_lose_nothing_and_are_told() -> None:
    table = read_table(b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n1,2,3\n")
    rows = everything(table)
    assert rows[1] == {"a": "4", "b": "5", "c": None}
    assert rows[2]["colonne 4"] == "9"
    assert any("plus longue" in w and "ligne 4" in w for w in table.warnings)
    assert any("incomplète" in w and "ligne 3" in w for w in table.warnings)


def test_header_below_titles() -> None:
    body = "Ville de Digne;;\nActions 2024;;\n;;\nIntitulé;Date;Lieu\nCross;12/10/2024;Stade\n"
    table = read_table(body.encode())
    assert table.columns == ("Intitulé", "Date", "Lieu")
    assert everything(table) == [{"Intitulé": "Cross", "Date": "12/10/2024", "Lieu": "Stade"}]


FRAMAFORMS = (
    '"Recensement des animations"\n'
    '"Submission Details"\t\t\t\t\t\t\t"Publics visés"\t\t""\n'
    '"Serial"\t"SID"\t"Time"\t"IP Address"\t"UID"\t"Username"\t"Titre de l\'action"\t'
    '"Jeunes"\t"Seniors"\t"Commune"\n'
    '"1"\t"2101"\t"03/02/2024 - 10:12"\t"192.0.2.7"\t"0"\t""\t"Relais des écoles"\t'
    '"X"\t""\t"Apt"\n'
    '"2"\t"2102"\t"04/02/2024 - 09:00"\t"192.0.2.8"\t"0"\t""\t"Marche bleue"\t""\t"X"\t"Orange"\n'
)


def test_framaforms_three_header_lines() -> None:
    table = read_table(FRAMAFORMS.encode())
    assert table.columns[:3] == ("Serial", "SID", "Time")
    assert table.columns[6:] == (
        "Titre de l'action",
        "Publics visés / Jeunes",
        "Publics visés / Seniors",
        "Commune",
    )
    assert [row["SID"] for row in table.rows] == ["2101", "2102"]


def test_excel_of_a_town_titles_dates_and_merged_groups() -> None:
    body = xlsx(
        ("Lisez-moi", [["Mode d'emploi"], ["Remplir une ligne par action"]]),
        (
            "Actions",
            [
                ["Actions sportives 2024", None, None, None, None],
                ["Intitulé", "Date", "Lieu", None, "Places"],
                [None, None, "Adresse", "Commune", None],
                ["Tournoi", date(2024, 6, 3), "1 rue du Port", "Cassis", 120.0],
                ["Gala", date(2024, 6, 4), "2 rue du Port", None, 1.5],
            ],
        ),
        merges=("C2:D2", "A2:A3", "D4:D5"),
    )
    with pytest.raises(Unreadable, match="Actions"):
        read_table(body, sheet="Bilan")
    table = read_table(body, name="mairie.xlsx", sheet="Actions")
    assert table.columns == ("Intitulé", "Date", "Lieu / Adresse", "Lieu / Commune", "Places")
    assert everything(table)[0] == {
        "Intitulé": "Tournoi",
        "Date": "2024-06-03",
        "Lieu / Adresse": "1 rue du Port",
        "Lieu / Commune": "Cassis",
        "Places": 120,
    }
    assert everything(table)[1]["Lieu / Commune"] == "Cassis"
    assert read_table(body).columns == table.columns


def test_a_stray_cell_far_away_does_not_take_the_memory() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"], book.active["XFD1048576"] = "titre", 1
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unreadable, match="égarées"):
        read_table(out.getvalue())


def test_sheets_of_the_same_columns_are_read_together() -> None:
    header = ["titre", "commune"]
    body = xlsx(("2023", [header, ["A", "Gap"]]), ("2024", [header, ["B", "Gap"]]))
    table = read_table(body)
    assert [row["titre"] for row in table.rows] == ["A", "B"]
    assert "2023, 2024" in table.warnings[0]


@pytest.mark.parametrize("wrap", ["{}", '{{"records": {}}}', '{{"total": 2, "results": {}}}'])
def test_json_wherever_the_list_lies(wrap: str) -> None:
    body = wrap.format(json.dumps([{"a": 1, "lieu": {"nom": "X"}}, {"a": None, "tags": ["t"]}]))
    assert everything(read_table(body.encode())) == [
        {"a": 1, "lieu.nom": "X", "tags": None},
        {"a": None, "lieu.nom": None, "tags": ["t"]},
    ]


def test_geojson_points_become_coordinates() -> None:
    feature = {
        "type": "Feature",
        "id": 7,
        "properties": {"nom": "Stade"},
        "geometry": {"type": "Point", "coordinates": [7.26, 43.7]},
    }
    body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    assert everything(read_table(body)) == [{"id": 7, "nom": "Stade", "lon": 7.26, "lat": 43.7}]


def test_a_broken_record_is_told_and_the_others_are_read() -> None:
    body = b'[{"a": 1},\n{"a": 9.01 00 00},\n{"a": 3}]'
    table = read_table(body)
    assert [row["a"] for row in table.rows] == [1, 3]
    assert "ligne 2" in table.warnings[0]


def test_json_lines_and_numbers_that_are_none() -> None:
    body = b'{"a": NaN, "b": 1}\n{"a": Infinity, "b": 2, "c": 3}\n\nnot json\n'
    table = read_table(body, name="x.jsonl")
    assert everything(table) == [
        {"a": None, "b": 1, "c": None},
        {"a": None, "b": 2, "c": 3},
    ]
    assert "ligne 4" in table.warnings[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "vide"),
        (b" \n\n ", "vide"),
        (b"PK\x03\x04 cut", "abîmé"),
        (bytes(range(4)) * 5, "binaires"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html></html>", "page web"),
        (b"[" * 100_000, "JSON"),
        (b'{"a": 1}', "liste d.objets"),
        (b"12,2024-01-01\n13,2024-01-02\n", "noms de colonnes"),
        (b"PAR1....", "Parquet"),
    ],
)
def test_what_is_no_table_says_so(body: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        list(read_table(body, name="f").rows)
    assert caught.value.about == "f"


def test_an_unclosed_quote_is_told() -> None:
    body = 'titre,texte\nA,"ouvert\n' + "B,x\n" * 300
    table = read_table(body.encode())
    list(table.rows)
    assert any("guillemet" in w for w in table.warnings)


def test_a_huge_cell_is_read_and_an_endless_one_refused_in_french() -> None:
    body = b'titre,texte\nA,"' + b"mot " * 1_300_000 + b'"\nB,x\n'
    assert [len(str(row["texte"])) > 5_000_000 for row in read_table(body).rows] == [True, False]
    with pytest.raises(Unreadable, match="ligne 2 : cellule de plus de 20 Mo ; un guillemet"):
        list(read_table(b'titre,texte\nA,"' + b"x" * 20_000_001 + b'"\nB,x\n').rows)


cell = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(
    lambda s: clean_value(s) == s
)


@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=8))
def test_csv_round_trip(rows: list[tuple[str, str, str]]) -> None:
    wanted = [dict(zip(("titre", "lieu", "texte"), row, strict=True)) for row in rows]
    assert everything(read_table(text(";", [dict(r) for r in wanted]).encode())) == wanted


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"[{", b"\xff\xfe", b"a;b\n"]))
def test_no_bytes_crash_the_reader(body: bytes, start: bytes) -> None:
    try:
        table = read_table(start + body)
        for row in table.rows:
            json.dumps(row)
    except Unreadable:
        pass


def test_a_cell_that_says_nothing_is_told_once() -> None:
    """What comes back empty was not empty: whoever gave it is told."""
    table = read_table(b"id,lat\n1,nan\n2,nan\n3,-inf\n4,\n5,44.1\n", name="a.csv")
    assert [row.get("lat") for row in table.rows] == [None, None, None, None, "44.1"]
    assert table.warnings == [
        "lat : « nan » ne dit rien, la cellule est lue comme vide",
        "lat : « -inf » ne dit rien, la cellule est lue comme vide",
    ]
