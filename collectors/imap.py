"""Reading a mailbox folder over IMAP: the new messages only, without marking them as read.

Standard library, in a thread; every wait is bounded. The cursor is the pair (UIDVALIDITY, last UID)
of RFC 3501 §2.3.1.1: when the first changes, the numbers mean nothing and all is read again.
"""

import imaplib
import re
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from domain.errors import ConfigError, Refused, Unreachable

SECONDS = 20.0  # of silence before giving up
MAX_MESSAGES, MAX_BYTES = 500, 25_000_000  # per visit; per message
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Letters:
    """Messages with what to remember. `left`: too big, or for the next visit."""

    messages: tuple[bytes, ...]
    validity: str
    last: int
    left: int = 0


def read_folder(url: str, user: str, password: str, *, validity: str, last: int) -> Letters:
    """The messages after `last`. Raises Unreachable, Refused or ConfigError. Blocks: in a thread.

    `imaps://host[:port]/Folder`; plain `imap://` is for this machine only.
    """
    parts = urlsplit(url)
    host, folder = parts.hostname or "", unquote(parts.path.strip("/")) or "INBOX"
    if parts.scheme == "imap" and host not in _LOCAL:
        raise ConfigError("imap:// sans chiffrement ; écrivez imaps://", about=url)
    try:
        with _connect(parts.scheme, host, parts.port) as box:
            try:
                box.login(user, password)
            except imaplib.IMAP4.error:
                raise Refused(f"{host} refuse ce compte ; vérifiez user et password") from None
            return _read(box, folder, validity=validity, last=last)
    except imaplib.IMAP4.error as error:
        raise Unreachable(f"{host} : échange IMAP interrompu ({error})", about=url) from None
    except OSError as error:
        raise Unreachable(f"{host} ne répond pas ({error})", about=url) from None


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imap":
        return imaplib.IMAP4(host, port or 143, timeout=SECONDS)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=SECONDS)


def _read(box: imaplib.IMAP4, folder: str, *, validity: str, last: int) -> Letters:
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    status, _ = box.select(quoted, readonly=True)  # EXAMINE: nothing is marked as read
    if status != "OK":
        raise ConfigError(f"pas de dossier {folder!r} dans cette boîte ; vérifiez l'adresse")
    told = box.response("UIDVALIDITY")[1]
    now = told[0].decode() if told and isinstance(told[0], bytes) else ""
    after = last if now == validity else 0
    _, found = box.uid("SEARCH", f"UID {after + 1}:*")
    # « n:* » always gives the last message, even when its number is lower.
    numbers = sorted(int(n) for n in (found[0] or b"").split() if int(n) > after)
    messages, newest, left = [], after, max(0, len(numbers) - MAX_MESSAGES)
    for number in numbers[:MAX_MESSAGES]:
        newest = number
        if _size(box, number) > MAX_BYTES:
            left += 1
            continue
        _, answer = box.uid("FETCH", str(number), "(BODY.PEEK[])")
        messages += [one[1] for one in answer if isinstance(one, tuple)]
    return Letters(tuple(messages), now, newest, left)


def _size(box: imaplib.IMAP4, number: int) -> int:
    _, answer = box.uid("FETCH", str(number), "(RFC822.SIZE)")
    text = b" ".join(one if isinstance(one, bytes) else b" ".join(one) for one in answer if one)
    size = re.search(rb"RFC822\.SIZE (\d+)", text)
    return int(size[1]) if size else 0
