"""What a person may do when an address gives nothing by itself: French sentences. Pure."""

import re
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from domain.errors import CollectError, Refused, Unreachable, Unreadable
from domain.text import fold, one_line

CLOSED = {
    "facebook.com": "Facebook",
    "fb.me": "Facebook",
    "instagram.com": "Instagram",
    "x.com": "X",
    "twitter.com": "X",
    "linkedin.com": "LinkedIn",
    "tiktok.com": "TikTok",
    "whatsapp.com": "WhatsApp",
}
"""Platforms that forbid robots: they are named without being asked anything."""

_ABSENT = re.compile(
    r"\b(?:page|document|contenu|article|adresse)s?\b.{0,30}\b(?:introuvable|non trouvee?|"
    r"not found|n.existe pas|inexistante?)|\berreur 404\b|^404\b|\b404 not found|not found$"
)
_FEW_CHARACTERS = 120  # of visible text, in a page that its scripts will fill
_PICTURES = ("image/", "video/", "audio/", "font/")
NOTHING = (
    "donnez la page de l'agenda plutôt que l'accueil ; à défaut, décrivez la page par des "
    "sélecteurs (type page, docs/sources.md), ou demandez à l'éditeur un flux ou un tableau"
)


def closed_platform(url: str) -> str:
    """The name of the platform that forbids robots an address belongs to, "" for the others."""
    host = (urlsplit(url).hostname or "").lower()
    found = (name for own, name in CLOSED.items() if host == own or host.endswith(f".{own}"))
    return next(found, "")


def of_platform() -> str:
    return (
        "cherchez le site, l'OpenAgenda ou le HelloAsso de l'organisme ; sinon, abonnez une boîte "
        "à sa lettre d'information (type mailbox)"
    )


def of_broken(url: str) -> str:
    return f"« paat source test {url} » explique chaque décision"


def of_error(error: CollectError, url: str) -> str:
    """What to do about an address that could not be read."""
    said = error.message
    if isinstance(error, Refused):
        if "robots.txt" in said:
            return "demandez à l'éditeur un flux, un export, ou qu'il autorise paat dans robots.txt"
        if "401" in said or "407" in said:
            return "demandez un accès public, ou un export à déposer dans un dossier (type folder)"
        return "demandez à l'éditeur un flux ou un export : rien ne sera contourné"
    if isinstance(error, Unreachable):
        if "n'existe pas" in said:
            return "vérifiez l'adresse dans votre navigateur : ce nom est peut-être mal recopié"
        return "réessayez plus tard, et vérifiez qu'elle s'ouvre dans votre navigateur"
    if isinstance(error, Unreadable) and ("404" in said or "410" in said):
        return f"cherchez la page à partir de {urljoin(url, '/')}"
    return "vérifiez l'adresse dans votre navigateur"


def of_page(text: str, url: str) -> tuple[str, str]:
    """(what is wrong with a page that came with HTTP 200, what to do); empty when nothing is."""
    soup = BeautifulSoup(text, "lxml")
    heads = [soup.title, *soup.find_all("h1", limit=2)]
    titles = [fold(one.get_text(" ")) for one in heads if one is not None]
    if any(_ABSENT.search(one_line(title)) for title in titles):
        return (
            "le site répond « page introuvable », sans le dire aux robots",
            f"cherchez la page à partir de {urljoin(url, '/')}",
        )
    scripted = bool(soup.find("script", src=True))
    for tag in soup.find_all(["script", "style", "noscript", "title"]):
        tag.decompose()
    if scripted and len(one_line(soup.get_text(" "))) < _FEW_CHARACTERS and not soup.find("a"):
        return (
            "la page est vide tant que ses scripts (JavaScript) ne l'ont pas remplie",
            "cherchez sur le site un flux, un export .ics, ou l'agenda qui l'alimente "
            "(OpenAgenda, HelloAsso, API : type json_api)",
        )
    return "", ""


def of_content(body: bytes, content_type: str) -> tuple[str, str]:
    """(what an answer that is not a page is, what to do)."""
    kind = content_type.split(";")[0].strip().lower()
    if body[:5] == b"%PDF-" or kind == "application/pdf":
        return (
            "un PDF ne se lit pas automatiquement",
            "donnez la page qui l'annonce, ou demandez le tableau ou la fiche .docx d'origine et "
            "déposez-les dans un dossier (type folder)",
        )
    if kind.startswith(_PICTURES):
        return f"ce n'est pas une page ({kind})", "donnez la page où elle se trouve"
    if body[:1] in (b"{", b"["):
        return (
            "une API dont la forme n'est pas connue",
            "dites où sont la liste et ses champs (type json_api, docs/sources.md)",
        )
    return f"ni page, ni flux, ni tableau ({kind or 'type non dit'})", NOTHING
