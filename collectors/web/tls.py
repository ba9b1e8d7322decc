"""Sources that opted out of the verification of a certificate: why, and until when. Pure.

    insecure_tls = { reason = "certificat expiré, mairie prévenue le 3 mai", until = "2027-01-31" }

On its own host only, never with a secret, and not for more than a year; it is told on the
sources' page as long as it lasts, and ends by itself.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlsplit

from domain.records import Json, Source
from domain.times import french_date

OPTION = "insecure_tls"
LONGEST = timedelta(days=366)


def problems(options: Mapping[str, Json]) -> list[str]:
    """French sentences about an impossible opt-out."""
    asked = options.get(OPTION)
    if asked is None:
        return []
    if not isinstance(asked, Mapping) or set(asked) != {"reason", "until"}:
        return [f'{OPTION} : {{ reason = "…", until = "AAAA-MM-JJ" }} est attendu']
    if not str(asked["reason"]).strip():
        return [f"{OPTION} : dites pourquoi dans reason"]
    if _day(asked["until"]) is None:
        return [f'{OPTION} : until = {asked["until"]!r} où "AAAA-MM-JJ" est attendu']
    return []


def lax_host(source: Source, *, today: date) -> tuple[str, str]:
    """(the host whose certificate is not verified or "", what to tell in French or "")."""
    asked = source.options.get(OPTION)
    if not isinstance(asked, Mapping):
        return "", ""
    until, reason = _day(asked.get("until")), str(asked.get("reason", ""))
    if until is None:
        return "", ""
    if today > until:
        told = f"vérifié de nouveau depuis le {french_date(until + timedelta(days=1))} ({reason})"
        return "", f"{told} : renouvelez insecure_tls ou retirez-le"
    if until - today > LONGEST:
        return "", f"vérifié : insecure_tls ne peut aller au-delà d'un an ({french_date(until)})"
    host = urlsplit(source.url).hostname or ""
    return host, f"non vérifié jusqu'au {french_date(until)} : {reason}"


def _day(value: Json) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
