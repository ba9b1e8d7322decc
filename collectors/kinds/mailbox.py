"""Courriels : lettres d'information et annonces transférées, par IMAP ou en fichiers .eml et .mbox.

L'adresse est imaps://hôte/Dossier ou celle d'un fichier (un dossier de courriels est de type
folder). Les pièces jointes .ics, .docx, .odt, .csv, .xlsx, .ods sont lues elles aussi. La clé d'une
annonce est le Message-ID. Le titre perd « TR: », « Fwd: » et le nom de la liste ; pour un courriel
transféré, l'expéditeur et la date d'origine l'emportent. Les destinataires ne sont jamais gardés.
"""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator, Iterator
from email.headerregistry import AddressHeader
from email.message import EmailMessage, Message
from email.utils import parseaddr

from collectors.documents.attachments import is_read, read_attachments
from collectors.documents.decoding import decode
from collectors.documents.instants import read_instant
from collectors.http import Http
from collectors.imap import read_folder
from collectors.items import Found, read_each
from collectors.leftovers import filled
from collectors.pages.markup import absolute, links_in, safe_html, text_of, unique
from collectors.secret import WHERE, secret
from collectors.senders import signed
from domain.errors import Unreadable
from domain.records import RawItem, Source
from domain.text import clean, fingerprint, one_line

TITLE = "boîte aux lettres"
OPTIONS: dict[str, str] = {
    "senders": 'expéditeurs lus, adresse ou domaine (["@ville.example"]) ; tous par défaut',
    "user": f"compte IMAP : {WHERE}",
    "password": f"mot de passe IMAP : {WHERE}",
}
VERSION = 3
PERSONAL = True
FILES = True
MAX_BYTES = 200_000_000
_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|tr|rép|ref)\s*:\s*|\[[^\]]{1,40}\]\s*)+", re.I)
_MBOX = re.compile(rb"^From [^\n]*\d{4}\s*$", re.M)
_FORWARDED = re.compile(
    r"^[\s>]*(?:-{2,}\s*(?:forwarded message|message (?:transféré|d'origine)|original message)"
    r"[\s-]*|début du message réexpédié\s*:?)\s*$",
    re.I | re.M,
)
_QUOTED = re.compile(r"^[>\s]*(de|from|date|envoyé|sent|objet|subject|à|to|cc)\s*:\s*(.*)$", re.I)
_FOOTER = re.compile(
    r"^\s*(?:--\s*$|se désinscrire|se désabonner|unsubscribe|pour ne plus recevoir|"
    r"vous recevez (?:ce|cet) (?:message|e-?mail|courriel))",
    re.I | re.M,
)


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """Every message of the file, unless it is unchanged; the new ones of an IMAP folder."""
    if source.url.startswith(("imap:", "imaps:")):
        async for one in _by_imap(source, http):
            yield one
        return
    page = await http.get(source.url, published=True, max_bytes=MAX_BYTES)
    if page.unchanged:
        return
    for one in await http.parse(parse, page.body, source):
        yield one


async def _by_imap(source: Source, http: Http) -> AsyncIterator[Found]:
    memory = http.known().get(source.url, {})
    letters = await asyncio.to_thread(
        read_folder,
        source.url,
        secret(source, "user"),
        secret(source, "password"),
        validity=memory.get("validity", ""),
        last=int(memory.get("last", 0)),
    )
    http.tally.fetched += 1
    http.tally.bytes += sum(map(len, letters.messages))
    for raw in letters.messages:
        for one in await http.parse(parse, raw, source):
            yield one
    # Messages read before count for the bounds.
    known = int(memory.get("total", 0)) if letters.validity == memory.get("validity") else 0
    http.tally.skipped += known
    http.keep(
        source.url,
        validity=letters.validity,
        last=str(letters.last),
        total=str(known + len(letters.messages)),
    )


def parse(body: bytes, source: Source, *, name: str = "") -> list[Found]:
    """The messages of an .eml or .mbox. A message that cannot be read is put aside."""
    if not body.strip():
        raise Unreadable("un fichier vide là où un courriel est attendu", about=name or source.slug)
    messages = list(_messages(body))
    return read_each(messages, source, read=lambda raw: _item(raw, source))


def _messages(body: bytes) -> Iterator[bytes]:
    marks = list(_MBOX.finditer(body)) if body.startswith(b"From ") else []
    if not marks:
        yield body
        return
    starts, ends = [one.end() for one in marks], [one.start() for one in marks[1:]]
    for start, end in zip(starts, [*ends, len(body)], strict=True):
        yield re.sub(rb"^>(>*From )", rb"\1", body[start:end].lstrip(b"\r\n"), flags=re.M)


def _item(raw: bytes, source: Source) -> list[Found] | None:
    message = _message(raw)
    if not isinstance(message, EmailMessage) or not (message["subject"] or message["from"]):
        raise Unreadable("un fichier sans objet ni expéditeur là où un courriel est attendu")
    sender = _sender(message)
    if not _wanted(sender[1], source):
        return None
    html, text = _bodies(message)
    text, origin = _original(text or text_of(html))
    subject = one_line(_PREFIX.sub("", origin.get("subject") or str(message["subject"] or "")))
    author = parseaddr(origin["from"]) if origin.get("from") else sender
    footer = _FOOTER.search(text)
    fields = filled(
        title=subject or one_line(text)[:120],
        text=clean(text[: footer.start()] if footer else text),
        html=safe_html(html),
        links=(links_in(html, "") if html else _addresses(text))[:50],
        **signed(*author),
    )
    if not fields.get("title"):
        raise Unreadable("un courriel sans objet ni texte")
    date = origin.get("date") or str(message["date"] or "")
    key = one_line(str(message["message-id"] or "")).strip("<>") or fingerprint(text)[:16]
    attached = list(_attachments(message))
    item = RawItem(
        source=source.slug,
        key=key if len(key) <= 500 else fingerprint(key),
        fields=fields,
        published_at=read_instant(date) or read_instant(str(message["date"] or "")),
        leftovers=tuple(f"pièce jointe {name}" for name, _ in attached if not is_read(name)),
    )
    files = [one for one in attached if is_read(one[0])]
    return [item, *read_attachments(files, source, key=key)]


def _message(raw: bytes) -> Message:
    """The message; letters written as they are in its headers, which e-mail forbids, are read."""
    head = re.match(rb".*?(?:\r?\n){2}", raw, re.S)
    if head is None or head[0].isascii():
        return email.message_from_bytes(raw, policy=email.policy.default)
    body = raw[head.end() :].decode("ascii", "surrogateescape")  # as message_from_bytes does
    return email.message_from_string(decode(head[0]).text + body, policy=email.policy.default)


def _addresses(text: str) -> list[str]:
    return unique(absolute(one, "") for one in re.findall(r"https?://[^\s<>\"]+", text))


def _sender(message: EmailMessage) -> tuple[str, str]:
    """(name, address) of who sent it; a name that is an address is none."""
    header = message["from"]
    if not isinstance(header, AddressHeader) or not header.addresses:
        return "", ""
    first = header.addresses[0]
    name = one_line(first.display_name)
    return ("" if "@" in name else name), one_line(first.addr_spec)


def _wanted(address: str, source: Source) -> bool:
    senders = source.options.get("senders") or []
    return not senders or any(address.lower().endswith(str(one).lower()) for one in senders)


def _bodies(message: EmailMessage) -> tuple[str, str]:
    """(HTML, plain text) of a message, "" for what it has not."""
    found = []
    for kind in ("html", "plain"):
        part = message.get_body(preferencelist=(kind,))
        found.append(_content(part) if isinstance(part, EmailMessage) else "")
    return found[0], found[1]


def _content(part: EmailMessage) -> str:
    """The text of a part; a charset that is absent, unknown or untrue is guessed."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeError):
        return decode(payload).text


def _original(text: str) -> tuple[str, dict[str, str]]:
    """A forwarded text without its wrapping, and the headers quoted above it."""
    mark = _FORWARDED.search(text)
    if not mark:
        return text, {}
    lines = text[mark.end() :].lstrip("\n").split("\n")
    names = {"de": "from", "envoyé": "date", "sent": "date", "objet": "subject"}
    headers: dict[str, str] = {}
    while lines and (found := _QUOTED.match(lines[0].replace("*", ""))):
        name = found[1].lower()
        headers[names.get(name, name)] = found[2].strip()
        lines.pop(0)
    rest = "\n".join(re.sub(r"^> ?", "", line) for line in lines)
    return rest.strip(), headers


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each attachment."""
    for part in message.iter_attachments():
        body = part.get_payload(decode=True)
        name = one_line(str(part.get_filename() or part.get_content_type()))
        yield name, body if isinstance(body, bytes) else b""
