"""What PostgreSQL's errors mean, in words a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Conflict, StorageError

# SQLSTATE (PostgreSQL documentation, appendix A), longest prefix first.
_MEANINGS: dict[str, str] = {
    "53100": "plus de place sur le disque de la base ; libérez-en et relancez, rien n'est perdu",
    "53300": "trop de connexions ; réduisez le nombre de workers ou relevez max_connections",
    "53": "la base manque de mémoire ou d'une autre ressource ; libérez-en et relancez",
    "58": "la base ne peut lire ou écrire ses propres fichiers ; lisez le journal du serveur",
    "XX": "la base dit que des données sont abîmées ; arrêtez, et restaurez la dernière sauvegarde",
    "25006": "la base est en lecture seule (une copie ?) ; donnez l'adresse de la principale",
    "28": "la base refuse ce compte ; vérifiez le nom et le mot de passe de PAAT_DATABASE_URL",
    "3D000": "cette base n'existe pas ; créez-la ou corrigez PAAT_DATABASE_URL",
    "42501": "ce compte n'en a pas le droit ; faites-en le propriétaire de la base",
    "42P01": "une table manque ; lancez « paat db upgrade »",
    "42703": "une colonne manque ; lancez « paat db upgrade »",
    "55P03": "un verrou n'a pas été obtenu à temps, quelqu'un travaille ; réessayez bientôt",
    "57014": "une requête trop longue a été abandonnée ; réessayez dans un instant",
    "40": "deux transactions se sont croisées ; celle-ci est défaite, recommencez",
    "57P": "la base s'arrête ou démarre ; réessayez dans un instant",
    "08": "la connexion à la base est perdue ; vérifiez qu'elle tourne",
}
_UNREACHABLE = "la base ne répond pas ; vérifiez qu'elle tourne, et son adresse"


@contextmanager
def told(about: str) -> Iterator[None]:
    """Turn what the database refuses into a StorageError; our own mistakes pass unchanged."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        meaning = meaning_of(cause) if isinstance(cause, psycopg.Error) else None
        if meaning is None:
            raise
        raise _error(cause, meaning, about) from cause
    except psycopg.Error as error:
        meaning = meaning_of(error)
        if meaning is None:
            raise
        raise _error(error, meaning, about) from error
    except PoolTimeout as error:
        raise StorageError(
            "toutes les connexions sont prises ; réduisez PAAT_CONCURRENCY et recommencez",
            about=about,
        ) from error


def meaning_of(error: psycopg.Error) -> str | None:
    """What the error asks of a person; None when it is our own mistake (syntax, constraint…)."""
    state = error.sqlstate
    if state is None:
        lost = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        return _refused(str(error)) if lost else None
    return next((text for code, text in _MEANINGS.items() if state.startswith(code)), None)


def _refused(words: str) -> str:
    """A connection that failed carries no SQLSTATE in libpq: read its words."""
    for sign, code in (("password", "28"), ("does not exist", "3D000"), ("too many", "53300")):
        if sign in words and "No such file" not in words:
            return _MEANINGS[code]
    return _UNREACHABLE


def _error(error: BaseException | None, meaning: str, about: str) -> StorageError:
    busy = isinstance(error, psycopg.errors.LockNotAvailable)
    return (Conflict if busy else StorageError)(meaning, about=about)
