"""Files dropped in a folder, messages of a mailbox. Fictitious content."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.freeze import FrozenHttp
from collectors.items import Found
from collectors.kinds import folder, mailbox
from collectors.senders import signed
from domain.errors import Unreachable, Unreadable
from domain.records import Quarantined, RawItem, Source
from tests.builders import NOW
from tests.unit.collectors.test_action_sheet import IN_COLUMNS, as_docx

SOURCE = Source(slug="courriels", title="Courriels", kind="mailbox", url="file:x.eml")
NEWSLETTER = """\
From: Ville de Valmont <agenda@valmont.example>
To: moi@region.example
Subject: =?utf-8?q?=5BAgenda=5D_F=C3=AAte_du_sport_le_12_juin?=
Date: Mon, 03 May 2027 09:00:00 +0200
Message-ID: <a1@valmont.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=B

--B
Content-Type: text/html; charset=utf-8

<p>Rendez-vous au stade, <a href="https://valmont.example/fete">programme</a>.</p>\
<p>Se désinscrire</p>
--B
Content-Type: application/pdf
Content-Disposition: attachment; filename="affiche.pdf"

x
--B--
"""
FORWARDED = """\
From: Un agent <agent@region.example>
Subject: TR: Fwd: Relais solidaire
Date: Tue, 04 May 2027 09:00:00 +0200
Message-ID: <b2@region.example>

Pour info.

---------- Forwarded message ---------
De : Club du Val <club@val.example>
Date: 2 mai 2027 à 18:00
Objet : Relais solidaire
À : <agent@region.example>

Le relais aura lieu le 20 juin 2027 à Apt.
"""


def items(found: list[Found]) -> list[RawItem]:
    assert all(isinstance(one, RawItem) for one in found), found
    return [one for one in found if isinstance(one, RawItem)]


def test_a_newsletter() -> None:
    (item,) = items(mailbox.parse(NEWSLETTER.encode(), SOURCE))
    assert item.key == "a1@valmont.example"
    assert item.fields["title"] == "Fête du sport le 12 juin"
    assert item.fields["text"] == "Rendez-vous au stade, programme."
    assert item.fields["links"] == ["https://valmont.example/fete"]
    assert item.fields["organiser"] == "Ville de Valmont"
    assert item.published_at == datetime(2027, 5, 3, 7, tzinfo=UTC)
    assert item.leftovers == ("pièce jointe affiche.pdf",)
    assert "moi@region.example" not in str(item)


def test_a_forwarded_announcement_is_its_author_s() -> None:
    (item,) = items(mailbox.parse(FORWARDED.encode(), SOURCE))
    assert item.fields["title"] == "Relais solidaire"
    assert item.fields["organiser"] == "Club du Val"
    assert item.fields["text"] == "Le relais aura lieu le 20 juin 2027 à Apt."
    assert "agent@" not in str(item.fields)


def test_an_mbox_and_its_wanted_senders() -> None:
    box = "".join(f"From x Mon May 03 09:00:00 2027\n{m}\n" for m in (NEWSLETTER, FORWARDED))
    assert len(items(mailbox.parse(box.encode(), SOURCE))) == 2
    only = Source(
        slug="c", title="C", kind="mailbox", url="file:x", options={"senders": ["@valmont.example"]}
    )
    assert [i.key for i in items(mailbox.parse(box.encode(), only))] == ["a1@valmont.example"]


def test_what_is_no_message() -> None:
    (one,) = mailbox.parse(b"bonjour", SOURCE)
    assert isinstance(one, Quarantined)
    assert "courriel" in one.why
    with pytest.raises(Unreadable):
        mailbox.parse(b"", SOURCE)


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_mailbox(body: bytes) -> None:
    if body.strip():
        mailbox.parse(b"Subject: x\nContent-Type: text/plain; charset=zz\n\n" + body, SOURCE)


def visit(path: Path) -> list[Found]:
    async def once() -> list[Found]:
        source = Source(slug="depot", title="Dépôt", kind="folder", url=f"file:{path}")
        return [one async for one in folder.collect(source, FrozenHttp({}, NOW))]

    return asyncio.run(once())


def test_each_file_of_a_folder_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "sous").mkdir()
    (tmp_path / "actions.csv").write_text("id;titre\n1;Cross\n2;Gala\n")
    (tmp_path / "sous" / "fiches.docx").write_bytes(as_docx(IN_COLUMNS))
    (tmp_path / "lettre.eml").write_text(NEWSLETTER)
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "~$actions.xlsx").write_text("verrou")
    (tmp_path / "lien.csv").symlink_to("/etc/hostname")
    found = visit(tmp_path)
    keys = [one.key for one in found]
    assert keys[:3] == ["actions.csv#1", "actions.csv#2", "lettre.eml#a1@valmont.example"]
    assert [k.partition("#")[0] for k in keys[3:]] == ["photo.csv", *["sous/fiches.docx"] * 2]
    (aside,) = [one for one in found if isinstance(one, Quarantined)]
    assert aside.key == "photo.csv"
    assert {one.source for one in found} == {"depot"}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="dossier"):
        visit(tmp_path / "absent")


@pytest.mark.parametrize(
    ("name", "address", "person"),
    [
        ("Jeanne Martin", "jeanne.martin@club.example", True),
        ("Jeanne Martin", "j.martin@orange.example", True),
        ("MARTIN Jeanne", "martin.jeanne@orange.example", True),
        ("Comité départemental", "comite.departemental@x.example", False),
        ("Judo Gap", "judo.gap@orange.example", False),
        ("Jeanne Martin", "contact@club.example", False),
        ("CDOS 05", "cdos05@x.example", False),
        ("", "jeanne.martin@club.example", False),
    ],
)
def test_a_person_who_signs_is_no_organiser(name: str, address: str, person: bool) -> None:
    found = signed(name, address)
    assert found.get("contact" if person else "organiser", "") == name
    assert found.get("organiser" if person else "contact") is None
    assert found["email"] == address


def test_letters_written_as_they_are_in_headers_are_read() -> None:
    raw = (
        "From: Comité départemental <contact@cdos.example>\r\nSubject: Fête à l'été\r\n"
        "Message-ID: <1@x>\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nLe 3 juin à Gap, fête.\r\n"
    )
    for encoding in ("utf-8", "cp1252"):
        whole = raw.replace("charset=utf-8", f"charset={encoding}").encode(encoding)
        (item,) = mailbox.parse(whole, Source(slug="m", title="m", kind="mailbox", url="file:x"))
        fields = item.fields if isinstance(item, RawItem) else {}
        assert fields["title"] == "Fête à l'été"
        assert fields["organiser"] == "Comité départemental"
        assert fields["text"] == "Le 3 juin à Gap, fête."
