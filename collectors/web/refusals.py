"""What an answer that is not a page means: one CollectError a status, in words for a person."""

import json
from datetime import datetime

from collectors.web.fetch import REDIRECTS, Answer, inflated
from collectors.web.gates import retry_after
from domain.errors import CollectError, Refused, Unreachable, Unreadable

_ABSENT = {404: "page introuvable (404)", 410: "page retirée par son éditeur (410)"}


def wait_asked(answer: Answer, *, now: datetime) -> float | None:
    """The seconds a server asks for (Retry-After), where the header means something."""
    if answer.status in (429, 503, *REDIRECTS):
        return retry_after(answer.headers.get("retry-after", ""), now=now)
    return None


def problem(answer: Answer, *, url: str, wait: float | None) -> CollectError | None:
    """What is wrong with an answer, None when it is a page; `wait`: seconds it asks for."""
    status, headers = answer.status, answer.headers
    if status in (200, 203):
        return None
    if status in _ABSENT:
        return Unreadable(f"{_ABSENT[status]}; vérifiez l'adresse", about=url)
    if "challenge" in headers.get("cf-mitigated", ""):
        return Refused("le site demande de prouver qu'on est humain (Cloudflare)", about=url)
    if status in (401, 402, 403, 407, 451):
        return Refused(f"accès refusé par le site ({status})", about=url)
    if status in (408, 425, 429) or status >= 500 or (status in REDIRECTS and wait):
        told = f"; il demande d'attendre {wait:.0f} s" if wait else ""
        return Unreachable(f"le site répond {status}{told}", about=url)
    return Unreadable(f"le site répond {status} où 200 est attendu{_said(answer)}", about=url)


def _said(answer: Answer) -> str:
    """What an API says of its refusal, when it says it in JSON."""
    if "json" not in answer.headers.get("content-type", ""):
        return ""
    try:
        said = json.loads(inflated(answer, 20_000))
    except (ValueError, Unreadable):
        return ""
    if isinstance(said, dict):
        errors = said.get("errors")  # GraphQL, HelloAsso
        first = errors[0] if isinstance(errors, list) and errors else None
        said = first if isinstance(first, dict) else said
        words = next((said[k] for k in ("message", "error", "detail") if said.get(k)), "")
        return f" : {str(words)[:200]}" if words else ""
    return ""
