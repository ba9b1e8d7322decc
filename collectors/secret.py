"""Secrets of a source: its block names where they are, never what they are."""

import os
from pathlib import Path

from domain.errors import ConfigError
from domain.records import Source

WHERE = "où est le secret : « env:NOM_DE_VARIABLE » ou « file:/chemin » ; jamais le secret lui-même"


def secret(source: Source, option: str) -> str:
    """The secret an option points to, "" when the option is absent. Raises ConfigError."""
    place = str(source.options.get(option, ""))
    if not place:
        return ""
    scheme, _, name = place.partition(":")
    if scheme == "env" and name:
        value = os.environ.get(name, "")
    elif scheme == "file" and name:
        try:
            value = Path(name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{option} : {name} illisible ({error})", about=source.slug) from None
    else:
        raise ConfigError(
            f"{option} : un texte là où « env:NOM » ou « file:/chemin » est attendu ; "
            "ne mettez jamais un secret dans un fichier de sources",
            about=source.slug,
        )
    if not value:
        raise ConfigError(f"{option} : {place} est vide ; renseignez-le", about=source.slug)
    return value


def bearer(source: Source, option: str = "token") -> dict[str, str]:
    """The Authorization header of a source that has a token, else none."""
    token = secret(source, option)
    return {"Authorization": f"Bearer {token}"} if token else {}
