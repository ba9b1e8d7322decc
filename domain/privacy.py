"""Personal data in free text: what may be shown or exported publicly (RGPD art. 5, CNIL)."""

import re

from domain.text import fold

_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\d.,/])(?:(?:\+|00)\s?33\s?(?:\(0\)\s?)?|0)[1-9](?:[\s.\-/\u00a0]?\d{2}){4}(?!\d)"
)
_FUNCTION_WORDS = (
    "contact contacts accueil mairie info infos information informations secretariat "
    "communication com sport sports culture presse asso association direction bureau "
    "reservation reservations inscription inscriptions billetterie jeunesse service services "
    "vie vieassociative agenda bonjour hello courrier festival club comite office tourisme "
    "mediatheque bibliotheque ccas centre mjc maison drajes sdjes cdos cros pref prefecture "
    "rectorat ville commune cabinet presidence president tresorier benevolat benevoles "
    "partenariat partenariats adherents adhesion noreply webmaster support equipe team "
    "animation animations evenement evenements evenementiel musee theatre ecole college lycee "
    "administration admin enquete recensement declaration dpo rgpd"
)
_FUNCTIONS = frozenset(_FUNCTION_WORDS.split())
_LETTERS = re.compile(r"[a-z]+")

MASK = "[coordonnée masquée]"


def mask(text: str) -> str:
    """The text without e-mail addresses nor phone numbers: they stay in the contacts, private."""
    return _PHONE.sub(MASK, _EMAIL.sub(MASK, text))


def is_function_mailbox(address: str) -> bool:
    """True for `contact@`, `mairie.gap@`, `sports05@`: a service's mailbox, not a person's (CNIL).

    Whole words count, so that `maisonneuve@` and `clubert@` stay someone's.
    """
    local = fold(address.split("@", 1)[0])
    return any(word in _FUNCTIONS for word in _LETTERS.findall(local))


def emails(text: str) -> list[str]:
    """Every e-mail address of a text, in order, lower case, once each."""
    return list(dict.fromkeys(found.lower() for found in _EMAIL.findall(text)))


def phones(text: str) -> list[str]:
    """Every French phone number of a text, as ten digits, in order, once each."""
    digits = (re.sub(r"\D", "", found) for found in _PHONE.findall(text))
    return list(dict.fromkeys("0" + number[-9:] for number in digits))
