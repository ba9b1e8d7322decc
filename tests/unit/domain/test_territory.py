import pytest

from domain import territory
from domain.gazetteer import gazetteer, key
from domain.territory import find


def test_the_region_has_its_946_communes_in_six_departments() -> None:
    by_department: dict[str, int] = {}
    for one in territory.region_communes():
        by_department[one.department] = by_department.get(one.department, 0) + 1
    # domain.fr.md §4.1
    assert by_department == {"04": 198, "05": 162, "06": 163, "13": 119, "83": 153, "84": 151}
    assert len({one.epci for one in territory.region_communes()}) == 52


def test_every_commune_is_found_by_its_name_and_department() -> None:
    for one in territory.region_communes():
        assert find(one.name, department=one.department).code == one.code


def test_every_commune_is_found_by_its_name_and_each_of_its_postcodes() -> None:
    for one in territory.region_communes():
        for postcode in one.postcodes:
            found = find(one.name.upper().replace("-", " "), postcode=postcode)
            assert found.code == one.code
            assert found.warnings == ()


def test_a_name_alone_never_gives_another_commune() -> None:
    for one in territory.region_communes():
        found = find(one.name)
        assert found.code == one.code or one.code in found.candidates


HOMONYMS = {
    "Aiglun": {"04001", "06001"},
    "Le Castellet": {"04041", "83035"},
    "La Garde": {"04092", "83062"},
    "Mirabeau": {"04122", "84076"},
    "La Rochette": {"04170", "05124"},
    "Saint-Jeannet": {"04181", "06122"},
    "Sigoyer": {"04207", "05168"},
    "Aspremont": {"05008", "06006"},
    "Châteauvieux": {"05037", "83040"},
    "Esparron": {"05049", "83052"},
    "Rousset": {"05127", "13087"},
    "Vitrolles": {"05184", "13117"},
}


@pytest.mark.parametrize(("name", "codes"), HOMONYMS.items())
def test_a_homonym_is_asked_and_its_department_settles_it(name: str, codes: set[str]) -> None:
    alone = find(name)
    assert alone.code is None
    assert codes <= set(alone.candidates)
    for code in codes:
        assert find(name, department=territory.department_of(code)).code == code


def test_coordinates_settle_a_homonym() -> None:
    assert find("Vitrolles", latitude=43.46, longitude=5.25).code == "13117"
    assert find("Vitrolles", latitude=44.43, longitude=5.94).code == "05184"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Ste Tulle", "04197"),
        ("ST REMY DE PROVENCE", "13100"),
        ("L’Isle-sur-la-Sorgue", "84054"),
        ("isle sur la sorgue (l')", "84054"),
        ("Aix", "13001"),
        ("Vaison-la-Romaine", "84137"),
        ("Gap (05)", "05061"),
        ("Vitrolles (Hautes-Alpes)", "05184"),
        ("05000 Gap", "05061"),
        ("83070 TOULON CEDEX", "83137"),
        ("Marseille", "13055"),
        ("Marseille 13e", "13055"),
        ("Marseille 1er arrondissement", "13055"),
        ("13233 Marseille cedex 20", "13055"),
        ("Paris 13e", "75056"),
        ("Lyon", "69123"),
    ],
)
def test_the_ways_people_write_a_commune(written: str, code: str) -> None:
    assert find(written).code == code


def test_an_arrondissement_is_marseille_and_gives_its_postcode() -> None:
    assert find("Marseille 6ème").postcode == "13006"
    assert find("13006 Marseille").postcode == "13006"
    one = territory.commune("13206")
    assert one is not None
    assert one.code == "13055"


def test_a_former_name_is_asked_alone_and_told_when_evidence_settles_it() -> None:
    alone = find("Céreste")
    assert (alone.code, alone.candidates[0]) == (None, "04045")
    settled = find("Céreste", department="04")
    assert settled.code == "04045"
    assert "ancien nom" in settled.warnings[0]
    assert find("Larche", postcode="04530").code == "04120"
    merged = territory.commune("05069")
    assert merged is not None
    assert merged.name == "Garde-Colombe"


@pytest.mark.parametrize(
    "evidence",
    [{"postcode": "13001"}, {"department": "83"}, {"latitude": 43.12, "longitude": 5.93}],
)
def test_contradictory_evidence_is_asked_never_settled(evidence: dict[str, object]) -> None:
    found = find("Gap", **evidence)  # type: ignore[arg-type]
    assert found.code is None
    assert "05061" in found.candidates
    assert found.warnings


def test_a_misspelling_is_settled_by_the_department_only() -> None:
    assert find("Barcelonette").candidates == ("04019",)
    assert find("Barcelonette", department="Alpes-de-Haute-Provence").code == "04019"


def test_a_postcode_of_several_communes_is_asked() -> None:
    assert find(None, postcode="84800").code is None
    assert "84054" in find(None, postcode="84800").candidates
    assert find(None, postcode="13260").code == "13022"


def test_the_spreadsheet_that_ate_a_zero_is_understood() -> None:
    assert find("Nice", postcode="6000").code == "06088"
    assert territory.valid_code("6088") == "06088"
    assert territory.department("5") == "05"


@pytest.mark.parametrize("nothing", ["", "   ", "Nulle part", "12", "()", None])
def test_nothing_known_gives_nothing(nothing: str | None) -> None:
    assert find(nothing) == territory.Found()


def test_other_regions_are_known_as_such() -> None:
    assert find("Grenoble").code == "38185"
    assert not territory.in_region("38185")
    assert find("Valence").code == "26362"  # ten times the two others together
    assert find("Saint-Martin", department="Ariège").code is None


def test_every_name_of_the_tables_is_indexed() -> None:
    names = gazetteer().names
    assert all(key(one.name) in names for one in gazetteer().elsewhere.values())
