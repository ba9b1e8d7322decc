"""Personal data in free text: what may be shown or exported publicly (RGPD art. 5, CNIL)."""

import re

_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\d.,])(?:(?:\+|00)\s?33\s?(?:\(0\)\s?)?|0)[1-9](?:[\s.\-\u00a0]?\d{2}){4}(?!\d)"
)
_FUNCTION = re.compile(
    r"(?:contact|accueil|mairie|info|infos|secretariat|communication|sports?|culture|presse|asso|"
    r"association|direction|bureau|reservations?|inscriptions?|billetterie|jeunesse|service|"
    r"vie-?associative|agenda|bonjour|hello|courrier|festival|club|office|tourisme|"
    r"mediatheque|bibliotheque|ccas|centre|mjc|maison|drajes|sdjes|cdos|cros)",
    re.I,
)

MASK = "[coordonnée masquée]"


def mask(text: str) -> str:
    """The text without e-mail addresses nor phone numbers: they stay in the contacts, private."""
    return _PHONE.sub(MASK, _EMAIL.sub(MASK, text))


def is_function_mailbox(address: str) -> bool:
    """True for `contact@`, `mairie@`…: a service's mailbox, not a person's (CNIL)."""
    return bool(_FUNCTION.match(address.split("@", 1)[0]))


def emails(text: str) -> list[str]:
    """Every e-mail address of a text, in order, lower case, once each."""
    return list(dict.fromkeys(found.lower() for found in _EMAIL.findall(text)))


def phones(text: str) -> list[str]:
    """Every French phone number of a text, as ten digits, in order, once each."""
    digits = (re.sub(r"\D", "", found) for found in _PHONE.findall(text))
    return list(dict.fromkeys("0" + number[-9:] for number in digits))
