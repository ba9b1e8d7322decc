"""Is the event still on? Read in the source's own status, then in the title and the first lines."""

import re

from domain.statuses import EventStatus
from domain.text import fold

_WORDS = {
    EventStatus.CANCELLED: r"annul(?:e|ee|es|ees|ation)|cancell?ed",
    EventStatus.POSTPONED: r"report(?:e|ee|es|ees)|postponed|date ulterieure",
    EventStatus.MOVED: r"deplac(?:e|ee|es|ees)|delocalis(?:e|ee|es|ees)|rescheduled"
    r"|changement de (?:lieu|salle)|moved",
}
# « [Annulé] Fête », « ANNULÉ : Fête », « Fête - annulée », « Fête (reportée) »
_IN_TITLE = {
    status: re.compile(
        rf"^\W*(?:evenement |spectacle |concert |match )?(?:{words})\b(?! (?:et|la|le|les|l)\b)"
        rf"|[\[(/|!:–—-]\s*(?:{words})\b[^\w]*(?:$|[\])]|au\b|a une\b)"
        rf"|\b(?:est|sont|a ete|ont ete)\s+(?:{words})\b"
    )
    for status, words in _WORDS.items()
}
_SUBJECT = (
    r"(?:evenement|manifestation|spectacle|concert|fete|festival|tournoi|course|match|rencontre|"
    r"edition|atelier|conference|animation|journee|soiree|competition|reunion|sortie|stage|"
    r"exposition|representation|marche|ceremonie|rendez vous|seance|vide grenier|forum|trail)"
)
_IN_TEXT = {
    status: re.compile(
        rf"\b{_SUBJECT}\b[^.!?\n]{{0,60}}\b(?:est|sont|a ete|ont ete|sera|seront)"
        rf"(?: malheureusement| finalement| donc)? (?:{words})\b"
        rf"|^\W*(?:{words})\b(?! (?:et|la|le|les|l)\b)"
    )
    for status, words in _WORDS.items()
}
_CONDITIONAL = re.compile(
    r"\b(?:sauf|en cas d|si |risque|possib|pourr|peut etre|susceptible|eventuel|"
    r"conditions|annule et remplace|inscriptions?|date limite|delai|cloture|billets?|"
    r"rembours|edition (?:19|20)\d\d (?:avait|a ete)|avait ete|l an dernier|precedent)"
)
_SCHEMA = {
    "eventcancelled": EventStatus.CANCELLED, "eventpostponed": EventStatus.POSTPONED,
    "eventrescheduled": EventStatus.MOVED, "eventmovedonline": EventStatus.MOVED,
    "eventscheduled": EventStatus.PLANNED, "cancelled": EventStatus.CANCELLED,
    "confirmed": EventStatus.PLANNED, "tentative": EventStatus.PLANNED,
}  # fmt: skip
_FIRST_LINES = 400  # characters: an announcement that is off says so at once


def status_of(said: str | None, title: str, text: str) -> EventStatus:
    """PLANNED unless a field, the title or the first lines say otherwise.

    « annule et remplace », « sauf annulation », « en cas de pluie, reporté » change nothing.
    """
    declared = declared_status(said)
    if declared and declared is not EventStatus.PLANNED:
        return declared
    folded = fold(title)
    for status, pattern in _IN_TITLE.items():
        if pattern.search(folded) and not _CONDITIONAL.search(folded):
            return status
    for sentence in re.split(r"[.!?\n]+", fold(text[:_FIRST_LINES])):
        plain = re.sub(r"[-'’]", " ", sentence)
        if _CONDITIONAL.search(plain):
            continue
        for status, pattern in _IN_TEXT.items():
            if pattern.search(plain.strip()):
                return status
    return EventStatus.PLANNED


def declared_status(said: str | None) -> EventStatus | None:
    """The status a source's own field says: ours, schema.org's, iCalendar's or French words."""
    word = re.sub(r"^(?:https?://\S*[/#]|schema:)", "", fold(said or "").strip())
    try:
        return EventStatus(word)
    except ValueError:
        pass
    if word in _SCHEMA:
        return _SCHEMA[word]
    found = (s for s, words in _WORDS.items() if re.search(rf"\b(?:{words})\b", word))
    return next(found, None)
