"""The kinds of source: every file of this folder is one, and its name is the file's name.

A kind has a docstring (what it reads), a `TITLE` (its French name), `OPTIONS` (name → French
description), a generator `async def collect(source, http)` yielding what it found, and a pure,
picklable `parse`.
Optional: `VERSION` (int, raised when its reading changes, so that unchanged pages are read again)
`check(options) -> list[str]` (French sentences about impossible options) and `LOOSE_KEYS` (True
when the identifiers it reads are free text that a site may lose or change: collectors.identity).
`PERSONAL` (True) says that it reads answers of persons: their raw form is not archived.
"""

import importlib
import pkgutil
from functools import lru_cache
from types import ModuleType

COMMON_OPTIONS: dict[str, str] = {
    "allow_http": "true : accepter d'être redirigé de https vers http (à éviter)",
    "headers": 'en-têtes HTTP à ajouter ({ Nom = "valeur" }) ; jamais de secret ici',
    "archive_days": "jours où ses réponses brutes sont gardées ; 0 : aucune "
    "(PAAT_ARCHIVE_DAYS par défaut, 0 pour les formulaires et les tableaux)",
    "steady": "true : s'en tenir à every_hours, sans s'adapter au rythme observé",
    "insecure_tls": "certificat accepté sans être vérifié, pour un temps et une raison : "
    '{ reason = "…", until = "AAAA-MM-JJ" }',
    "tdm_agreement": "accord de l'éditeur (qui, quand) qui lève sa réserve de fouille de textes",
    "language": "langue des annonces quand la source ne la dit pas (fr par défaut)",
    "subsidies": "ce que ses subventions ne disent pas : attributor, attributor_id (SIRET), "
    'nature, agreed_on ("AAAA-MM-JJ"), scheme, conditions, notified_eu (docs/recensement.md)',
}
"""Options every kind accepts."""


@lru_cache(maxsize=1)
def kinds() -> dict[str, ModuleType]:
    """Every kind, by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def title(name: str) -> str:
    """The French name of a kind; an unknown one as it is."""
    kind = kinds().get(name)
    return str(kind.TITLE) if kind else name
