from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.documents.decoding import decode, lines, text
from collectors.documents.instants import read_instant
from collectors.documents.mojibake import CP1252, repaired
from collectors.documents.xml import harmless
from collectors.leftovers import Record
from collectors.pages.markup import absolute, plain, safe_html, tidy, title_of
from collectors.pages.moments import iso_moment
from domain.errors import Unreadable

TEXT = "L’été à Nîmes : « fête » des œuvres, 5 €"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode("utf-8-sig"), ""),
        (TEXT.encode("utf-16"), ""),
        (TEXT.encode("utf-16-le"), ""),
        (TEXT.encode("utf-16-be"), ""),
        (TEXT.encode(), "text/xml; charset=ISO-8859-1"),  # UTF-8 declared latin-1
        (TEXT.encode("cp1252"), "text/xml; charset=utf-8"),  # cp1252 declared UTF-8
        (TEXT.encode("cp1252"), "text/html; charset=iso-8859-1"),
        (TEXT.encode("cp1252"), "text/html; charset=n-importe-quoi"),
        (TEXT.encode("cp1252"), ""),
    ],
)
def test_french_is_read_whatever_is_declared(body: bytes, content_type: str) -> None:
    assert decode(body, content_type).text == TEXT


def test_a_cp1252_piece_in_utf8_and_a_cut_character_are_read() -> None:
    assert decode("Fête à Gap, ".encode() + "été".encode("cp1252")).text == "Fête à Gap, été"
    assert decode("été et hiver, fête".encode() + b"\xc3").text.startswith("été et hiver, fête")


def test_other_scripts_follow_their_declaration() -> None:
    greek = "Μαραθώνιος".encode("iso8859-7")
    assert decode(b'<?xml version="1.0" encoding="iso-8859-7"?>' + greek).text.endswith(
        "Μαραθώνιος"
    )
    assert (
        decode("マラソン".encode("iso2022-jp"), "text/html; charset=iso-2022-jp").text == "マラソン"
    )


def test_a_declaration_that_names_no_charset_is_not_followed() -> None:
    for name in ("punycode", "idna", "unicode-escape", "rot13", "hex"):
        assert decode("L’été à Gap".encode("cp1252"), f"text/xml; charset={name}").text == (
            "L’été à Gap"
        )


def test_pages_and_files_are_read_by_one_ladder() -> None:
    greek = b'<meta charset="iso-8859-7">' + "Μαραθώνιος".encode("iso8859-7") * 3
    for body in (TEXT.encode("cp1252"), TEXT.encode("utf-16-le"), b"caf\x8f\xe9", greek):
        assert text(body, about="essai")[0] == decode(body).text
        assert "".join(lines(body, about="essai")[0]) == decode(body).text


def test_a_good_megabyte_weighs_when_a_wrong_byte_follows() -> None:
    body = "été\n".encode() * 400_000 + "été".encode("cp1252")
    assert decode(body).text.endswith("été\nété")


@given(st.binary(max_size=300), st.text(max_size=30))
def test_decoding_never_fails(body: bytes, declared: str) -> None:
    assert isinstance(decode(body, f"text/html; charset={declared}").text, str)


FRENCH = st.text("aeéèêàçôùûœŒÉÀ«»’“”…–€ ne'l", min_size=1, max_size=40)


@given(FRENCH)
def test_french_encoded_twice_is_given_back_and_right_french_is_left(words: str) -> None:
    text = f"{words} Été à l’île"
    twice = "".join(CP1252[byte] for byte in text.encode())
    assert repaired(twice) == text
    assert repaired(text) == text
    assert decode(twice.encode(), "text/xml").text == text


def test_one_odd_sign_is_no_proof() -> None:
    assert repaired("le signe Ã© se lit mal") == "le signe Ã© se lit mal"


def test_latin_9_is_believed_where_nothing_says_cp1252() -> None:
    text = "Cœur de ville, 5 €"
    assert decode(text.encode("iso-8859-15"), "text/html; charset=iso-8859-15").text == text
    declared = decode("Cœur à l’œuvre".encode("cp1252"), "text/html; charset=iso-8859-15")
    assert declared.text == "Cœur à l’œuvre"


SEVEN = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Mon, 06 Jan 2025 10:00:00 +0100", SEVEN),
        ("lun, 06 jan 2025 10:00:00 +0100", SEVEN),
        ("Mon, 06 Jan 2025 10:00:00 CET", SEVEN),
        ("Mon,6 Jan 2025 9:0:0 GMT", SEVEN),
        ("Mon, 06 Jan 25 04:00 EST", SEVEN),
        ("2025-01-06T10:00:00.123+01:00", SEVEN),
        ("2025-01-06T09:00:00Z", SEVEN),
        ("2025-01-06 10:00", SEVEN),  # naive: Europe/Paris
        ("06/01/2025 10:00", SEVEN),  # never the 1st of June
        ("lundi 6 janvier 2025 à 10h", SEVEN),
        ("6 janv. 2025, 10 h 00", SEVEN),
        ("1736154000", SEVEN),
        ("2025-01-06T10:00:00+99:99", SEVEN),  # an impossible zone: Paris
        ("1er août 2024 à 14h30", datetime(2024, 8, 1, 12, 30, tzinfo=UTC)),
        ("31 février 2025", None),
        ("0000-00-00", None),
        ("20250106T090000Z", SEVEN),
        ("2025/01/06 10:00", SEVEN),
        ("06-01-2025 10h", SEVEN),
        ("Lundi, 6. janvier 2025 - 10:00", SEVEN),
        ("le 06/01/2025 à 10h00", SEVEN),
        ("Mon, 06 Jan 2025 10:00:00 Europe/Paris", SEVEN),
        ("202516", None),
        ("0001-01-01T00:00:00Z", None),
        ("3025-01-01", None),
        ("bientôt", None),
        ("", None),
    ],
)
def test_publication_stamps(text: str, instant: datetime | None) -> None:
    assert read_instant(text) == instant


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_stamp(text: str) -> None:
    found = read_instant(text)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("value", "hour", "moment"),
    [
        ("2027-06-03", None, "2027-06-03"),
        ("2027-06-03", "2:30 pm", "2027-06-03T14:30"),
        ("20270603T140000", None, "2027-06-03T14:00"),
        ("2027-06-03T12:00:00Z", None, "2027-06-03T14:00"),  # Paris time
        ("2027-06-03T14:00+02", None, "2027-06-03T14:00"),
        ("Thu, 03 Jun 2027 14:00:00 +0200", None, "2027-06-03T14:00"),
        ("3 juin 2027", None, None),  # words: left to extract/when
        ("2027-13-40", None, None),
        (None, None, None),
    ],
)
def test_moments_of_machines(value: str | None, hour: str | None, moment: str | None) -> None:
    assert iso_moment(value, hour) == moment


@pytest.mark.parametrize(
    ("url", "tidied"),
    [
        (
            "HTTPS://Ville.FR:443/spip.php?article12&lang=fr",
            "https://ville.fr/spip.php?article12&lang=fr",
        ),
        ("http://ville.fr?utm_source=x&id=3&fbclid=y", "http://ville.fr/?id=3"),
        ("http://ville.fr/a;jsessionid=8F?xtor=RSS-1", "http://ville.fr/a"),
        ("http://ville.fr/a b#ici", "http://ville.fr/a%20b#ici"),
    ],
)
def test_addresses_lose_only_what_changes_nothing(url: str, tidied: str) -> None:
    assert tidy(url) == tidied


def test_links_that_are_not_the_web_are_dropped() -> None:
    base = "https://ville.fr/agenda/"
    assert absolute("../fete", base) == "https://ville.fr/fete"
    assert absolute("javascript:alert(1)", base) is None
    assert absolute("mailto:a@b.fr", base) is None
    assert absolute("http://[cassé", base) is None


def test_collected_html_is_made_safe_and_plain() -> None:
    html = "<p onclick=x>Comit&eacute; r&eacute;gional</p><script>alert(1)</script><p>R&D <b>ok</b>"
    assert plain(html) == "Comité régional\n\nR&D ok"
    assert "script" not in safe_html(html)
    assert "onclick" not in safe_html(html)
    assert title_of("L&amp;#039;&eacute;t&eacute; <i>2027</i>") == "L'été 2027"


def test_xml_is_made_harmless() -> None:
    assert (
        harmless('<?xml version="1.0"?><a>&#0;&#xD800;&#x110000;&#233;\x0b</a>') == "<a>&#233;</a>"
    )
    with pytest.raises(Unreadable, match="entités"):
        harmless('<!DOCTYPE a [<!ENTITY b "boum">]><a>&b;</a>')
    with pytest.raises(Unreadable, match="balise"):
        harmless(f"<a {'x=1 ' * 40_000}>")


def test_what_nobody_popped_is_told() -> None:
    record = Record({"nom": "Fête", "vide": "", "image": "x", "autre": 1, "lieu": {"ville": "Gap"}})
    assert record.text("titre", "nom") == "Fête"
    assert record.path("lieu.ville") == "Gap"
    record.leave("image")
    assert record.leftovers == ("autre",)
