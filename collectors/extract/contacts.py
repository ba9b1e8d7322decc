"""Ways to reach an organiser, each told personal or not (RGPD art. 5, CNIL).

A person's name is kept only from an explicit contact field, never guessed in a text. `mask` hides
what is shown or exported publicly; the rules of addresses and numbers are those of domain.privacy.
"""

from collections.abc import Iterator

from domain.privacy import emails, is_function_mailbox, mask, phones
from domain.records import Contact
from domain.text import one_line

__all__ = ["find_contacts", "mask", "read_contacts"]


def find_contacts(text: str) -> tuple[Contact, ...]:
    """The e-mails then the phones of a text, each once, in order."""
    return tuple(_reachable(text))


def read_contacts(
    *, email: str | None = None, phone: str | None = None, person: str | None = None
) -> tuple[Contact, ...]:
    """The contacts of explicit fields; an e-mail written in the person's field is an e-mail."""
    name = one_line(person or "")
    found = [*_reachable(email or ""), *_reachable(phone or ""), *_reachable(name)]
    if name and not list(_reachable(name)):
        found.append(Contact(kind="person", value=name, is_personal=True))
    return tuple(dict.fromkeys(found))


def _reachable(text: str) -> Iterator[Contact]:
    for address in emails(text):
        yield Contact(kind="email", value=address, is_personal=not is_function_mailbox(address))
    for digits in phones(text):
        shown = " ".join(digits[i : i + 2] for i in range(0, 10, 2))
        # 06 and 07 are mobiles (Arcep): someone's, even when a club gives it.
        yield Contact(kind="phone", value=shown, is_personal=digits[1] in "67")
