"""Every error paat raises on purpose.

PaatError
├── ConfigError                 a setting, a source or a campaign file says something impossible
├── CollectError                a source could not be read
│   ├── Unreachable  [retry]    no answer, a time-out, a name that does not resolve, HTTP 5xx or 429
│   ├── Refused                 robots.txt, a private address, HTTP 401/403, an opt-out
│   ├── Unreadable              an answer that is not what the kind of source reads
│   └── Implausible             readable, but outside the bounds the source promises
├── StorageError     [retry]    the database is down, full or not ours to write
│   └── Conflict                someone else did it first
├── ReviewError                 a person asked for something the application cannot do
│   ├── NotAllowed
│   ├── NotFound
│   └── Expired
└── QualityError                a model or a merge would be worse than what is in place

A message reads `where: what was found where what was expected; what to do`, lower case. Those of
a ConfigError (who typed the command or wrote the file), a CollectError (the health of a source) and
a StorageError (who runs the machine) are read by people, hence in French; those of a Conflict or a
ReviewError met on screen are for the log, and the class says the same in French to the reviewer.
"""

from typing import ClassVar


class PaatError(Exception):
    """An error with the id it is about, whether trying again helps, and words for the screen."""

    retry: ClassVar[bool] = False
    french: ClassVar[str] = "Une erreur est survenue."

    def __init__(self, message: str, *, about: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.about = about

    def __str__(self) -> str:
        head = f"{self.about}: " if self.about and not self.message.startswith(self.about) else ""
        tail = f" ({type(self.__cause__).__name__}: {self.__cause__})" if self.__cause__ else ""
        return f"{head}{self.message}{tail}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (parse workers, Prefect): keep `about` through pickling.
        return (_rebuild, (type(self), self.message, self.about))

    @property
    def screen(self) -> str:
        """One French sentence a reviewer can act on."""
        return f"{self.french} ({self.about})" if self.about else self.french


def _rebuild(kind: type[PaatError], message: str, about: str) -> PaatError:
    return kind(message, about=about)


class ConfigError(PaatError):
    french = "Ce qui est demandé, ou un fichier de configuration, dit une chose impossible."


class CollectError(PaatError):
    french = "La source n'a pas pu être lue."


class Unreachable(CollectError):
    retry = True
    french = "La source ne répond pas : elle sera réessayée au prochain passage."


class Refused(CollectError):
    french = "La source refuse d'être lue automatiquement : contactez son éditeur ou retirez-la."


class Unreadable(CollectError):
    french = (
        "La source répond, mais son contenu n'est pas lisible : vérifiez son adresse et son type."
    )


class Implausible(CollectError):
    french = "La source donne un résultat invraisemblable : vérifiez-la avant de vous y fier."


class StorageError(PaatError):
    retry = True
    french = "La base de données ne répond pas : rien n'est perdu, réessayez dans un instant."


class Conflict(StorageError):
    retry = False
    french = "Quelqu'un d'autre a déjà traité cet élément."


class ReviewError(PaatError):
    french = "Cette action n'est pas possible."


class NotAllowed(ReviewError):
    french = "Votre compte n'a pas le droit de faire cette action."


class NotFound(ReviewError):
    french = "Cet élément n'existe pas ou n'existe plus."


class Expired(ReviewError):
    french = "Ce lien ou cette réservation a expiré : rechargez la page."


class QualityError(PaatError):
    french = "Le nouveau modèle serait moins bon que l'actuel : l'actuel est conservé."
