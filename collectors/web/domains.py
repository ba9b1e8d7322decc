"""Whose a host name is: the domain someone registered, the platform that serves it. Pure.

A short list of the suffixes met in French sources, not the whole public list: see
docs/decisions/0133. An unknown platform only makes two of its sites look like one owner's.
"""

_PUBLIC = frozenset(
    {"gouv.fr", "asso.fr", "com.fr", "nom.fr", "prd.fr", "tm.fr", "co.uk", "org.uk"}
)
_PLATFORMS = frozenset(
    (
        *("wordpress.com", "blogspot.com", "blogspot.fr", "over-blog.com", "canalblog.com"),
        *("e-monsite.com", "wixsite.com", "jimdofree.com", "jimdosite.com", "webnode.fr"),
        *("github.io", "gitlab.io", "netlify.app", "pages.dev", "sportsregions.fr", "free.fr"),
        *("clubeo.com", "kalisport.com", "assoconnect.com", "eklablog.com", "tumblr.com"),
    )
)
"""Where each name is another owner, and one server answers for all of them."""


def registrable(host: str) -> str:
    """`www.mairie-gap.fr` → `mairie-gap.fr`; three labels under a suffix of two."""
    labels = host.lower().rstrip(".").split(".")
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    wanted = 3 if _suffix(labels) in _PUBLIC | _PLATFORMS else 2
    return ".".join(labels[-wanted:])


def operator(host: str) -> str:
    """Who is asked: the platform of a site it hosts, else the host itself.

    A HTTP 429 of one blog of a platform is about all its blogs (FreshRSS #8925).
    """
    suffix = _suffix(host.lower().rstrip(".").split("."))
    return suffix if suffix in _PLATFORMS else host


def _suffix(labels: list[str]) -> str:
    return ".".join(labels[-2:])
