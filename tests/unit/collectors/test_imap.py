"""A mailbox folder over IMAP, against a small server that speaks enough of RFC 3501."""

import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from collectors.collect import Harvest
from domain.statuses import Outcome
from tests.visits import visits

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:c1\r\nSUMMARY:Course\r\n"
    b"DTSTART:20270603T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def a_letter(number: int, **files: tuple[str, bytes]) -> bytes:
    letter = EmailMessage()
    letter["Subject"] = f"TR: Fête n° {number}"
    letter["From"] = "Mairie <mairie@ville.example>"
    letter["Message-ID"] = f"<{number}@ville.example>"
    letter.set_content("Le 3 juin 2027 au stade.")
    for name, body in files.values():
        letter.add_attachment(body, maintype="application", subtype="octet-stream", filename=name)
    return letter.as_bytes()


@dataclass
class Box:
    letters: dict[int, bytes] = field(default_factory=dict)
    validity: int = 1
    commands: list[str] = field(default_factory=list)
    port: int = 0


class Server(socketserver.StreamRequestHandler):
    """LOGIN, EXAMINE, UID SEARCH, UID FETCH, LOGOUT."""

    def handle(self) -> None:
        box: Box = self.server.box  # type: ignore[attr-defined]
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            box.commands.append(command)
            self.wfile.write(self.answer(box, command))
            refused = command.startswith("LOGIN") and "s3cret" not in command
            self.wfile.write(f"{tag} {'NO' if refused else 'OK'} done\r\n".encode())
            if command == "LOGOUT":
                return

    def answer(self, box: Box, command: str) -> bytes:
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("EXAMINE"):
            return f"* {len(box.letters)} EXISTS\r\n* OK [UIDVALIDITY {box.validity}]\r\n".encode()
        if found := re.match(r"UID SEARCH UID (\d+):\*", command):
            low, most = int(found[1]), max(box.letters, default=0)
            numbers = [n for n in box.letters if n >= low or n == most]
            return f"* SEARCH {' '.join(map(str, numbers))}\r\n".encode()
        if found := re.match(r"UID FETCH (\d+) \(RFC822.SIZE\)", command):
            size = len(box.letters[int(found[1])])
            return f"* 1 FETCH (UID {found[1]} RFC822.SIZE {size})\r\n".encode()
        if found := re.match(r"UID FETCH (\d+) \(BODY.PEEK\[\]\)", command):
            body = box.letters[int(found[1])]
            head = f"* 1 FETCH (UID {found[1]} BODY[] {{{len(body)}}}\r\n".encode()
            return head + body + b")\r\n"
        return b"* BYE\r\n" if command == "LOGOUT" else b""


@pytest.fixture
def box() -> Iterator[Box]:
    one = Box()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        server.box = one  # type: ignore[attr-defined]
        one.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield one
        server.shutdown()


def read(
    box: Box, folder: Path, times: int = 1, before: Any = None, **changes: str
) -> list[Harvest]:
    (folder / "user").write_text("veille")
    (folder / "pass").write_text(changes.get("password", "s3cret"))

    def setup(_: object, number: int) -> None:
        if before is not None:
            before(number)

    return visits(
        setup,
        "mailbox",
        f"imap://127.0.0.1:{box.port}/Annonces",
        times=times,
        absolute=True,
        user=f"file:{folder / 'user'}",
        password=f"file:{folder / 'pass'}",
    )[0]


def test_only_new_messages_are_read_and_none_is_marked(box: Box, tmp_path: Path) -> None:
    box.letters = {3: a_letter(3), 7: a_letter(7)}

    def before(number: int) -> None:
        if number == 1:
            box.letters[9] = a_letter(9)

    first, second, third = read(box, tmp_path, 3, before)
    assert [one.fields["title"] for one in first.items] == ["Fête n° 3", "Fête n° 7"]
    assert [one.key for one in second.items] == ["9@ville.example"]
    assert third.items == ()
    assert third.visit.outcome is Outcome.OK
    assert not any("STORE" in one or one.startswith("SELECT") for one in box.commands)
    assert 'EXAMINE "Annonces"' in box.commands


def test_a_renumbered_folder_is_read_again(box: Box, tmp_path: Path) -> None:
    box.letters = {3: a_letter(3)}

    def before(number: int) -> None:
        if number == 1:
            box.validity, box.letters = 2, {1: a_letter(3)}

    first, second = read(box, tmp_path, 2, before)
    assert [one.key for one in first.items] == [one.key for one in second.items]


def test_attachments_are_read_as_what_they_are(box: Box, tmp_path: Path) -> None:
    table = b"Titre;Commune;Date\nForum;Gap;5 juin 2027\nTournoi;Embrun;6 juin 2027\n"
    box.letters = {
        1: a_letter(
            1,
            a=("agenda.ics", CALENDAR),
            b=("actions.csv", table),
            c=("photo.png", b"x"),
            d=("vide.xlsx", b"pas un tableur"),
        )
    }
    (harvest,) = read(box, tmp_path)
    titles = [one.fields["title"] for one in harvest.items]
    assert titles == ["Fête n° 1", "Course", "Forum", "Tournoi"]
    assert harvest.items[1].key == "1@ville.example#agenda.ics#c1"
    assert [one.key for one in harvest.quarantined] == ["1@ville.example#vide.xlsx"]
    assert harvest.leftovers == {"pièce jointe photo.png": 1}


def test_a_wrong_password_is_refused_and_never_shown(box: Box, tmp_path: Path) -> None:
    (harvest,) = read(box, tmp_path, password="faux-mot")
    assert harvest.visit.outcome is Outcome.REFUSED
    assert "faux-mot" not in harvest.visit.why
