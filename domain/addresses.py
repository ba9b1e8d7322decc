"""Addresses compared: what of a URL says which page it is, and what changes nothing.

Own rules rather than a library's: courlan and w3lib drop the valueless parameters by which SPIP
names its pages (`spip.php?article12&lang=fr`), and all the articles of a town become one.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from domain.text import fingerprint

TRACKING = re.compile(
    r"^(?:utm_\w+|mtm_\w+|matomo_\w+|pk_\w+|piwik_\w+|hsa_\w+|_hs\w+|__twitter_impression"
    r"|at_(?:medium|campaign|custom\d?|format|link\w*|creation|variant|network|term|emailtype)"
    r"|xtor|xts|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|li_fat_id"
    r"|igshid|igsh|mc_[ce]id|mkt_tok|vero_id|oly_(?:anon|enc)_id|srsltid|_ga|_gl|ref_src|ref_url"
    r"|phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken|var_mode|var_hasard|spm|share_source)$",
    re.I,
)
"""Names of parameters that follow a reader or a session and never name a page."""

_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/?#]*", re.I)
_INDEX = re.compile(r"/(?:index|default)\.(?:php\d?|html?|aspx?|jsp)$", re.I)
_PLAIN = re.compile(r"[\w./~-]*", re.ASCII)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page is. Scheme, `www.`, port, case of the host and final slash are not part of it;
    a `path` is never that of a home page, which names no announcement."""

    host: str
    path: str  # with its query

    @property
    def mark(self) -> str:
        """What stands for the path, whatever the host: a site that moves keeps its pages."""
        return fingerprint(self.path)[:32]


@lru_cache(maxsize=32_768)  # a visit compares each address several times
def address_of(url: str | None) -> Address | None:
    """Where a URL leads; None for a home page and for what is no http(s) address."""
    try:
        whole = urlsplit((url or "").strip())
        host = whole.hostname
    except ValueError:
        return None
    if whole.scheme not in ("http", "https") or not host:
        return None
    query = "&".join(untracked(whole.query))
    path = _SESSION.sub("", whole.path)
    if "/." in path:
        path = urlsplit(urljoin("https://x/", path)).path  # `/a/../b` is `/b`
    path = _escaped(path if query else _INDEX.sub("/", path)).rstrip("/")
    named = f"#{whole.fragment}" if whole.fragment[:1] in ("!", "/") else ""
    if not path and not query and not named:
        return None
    return Address(_host(host), f"{path or '/'}{'?' if query else ''}{query}{named}")


def untracked(query: str) -> list[str]:
    """The parameters of a query that name something, in their order, valueless ones included."""
    return [one for one in query.split("&") if one and not TRACKING.match(one.partition("=")[0])]


def _host(name: str) -> str:
    with suppress(UnicodeError):
        name = name.encode("idna").decode("ascii")
    return name.lower().rstrip(".").removeprefix("www.")


def _escaped(path: str) -> str:
    """One way of writing each path: `é` and `%c3%a9` are `%C3%A9`."""
    if _PLAIN.fullmatch(path):
        return path
    upper = _ESCAPE.sub(lambda found: found[0].upper(), path)
    return quote(upper, safe="/%:@!$&'()*+,;=~-._")
