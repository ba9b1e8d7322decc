"""Who: the organiser of an announcement, its name as shown, its nature, its checked identifiers."""

from collections.abc import Mapping
from typing import Any

from domain import actors
from domain.identifiers import rna, siren, siret
from domain.records import Source, Who
from domain.statuses import ActorKind
from domain.text import one_line

_CHECKS = {"rna": rna, "siren": siren, "siret": siret}


def read_who(fields: Mapping[str, Any], source: Source) -> Who:
    """The organiser the fields name, else the source's. A wrong key is told and left out.

    The nature comes from the field, else from the name, else from an RNA number (every body that
    has one is an association); None is « not known », never a guess.
    """
    said = one_line(str(fields.get("organiser") or source.organiser or ""))
    numbers: dict[str, str | None] = {}
    warnings = []
    for name, check in _CHECKS.items():
        written = _digits(fields.get(name))
        numbers[name] = check(written) if written else None
        if written and not numbers[name]:
            warnings.append(f"{name.upper()} invalide : {written}")
    if numbers["siret"] and not numbers["siren"]:
        numbers["siren"] = numbers["siret"][:9]
    elif (
        numbers["siret"] and numbers["siren"] and not numbers["siret"].startswith(numbers["siren"])
    ):
        warnings.append(f"le SIRET {numbers['siret']} n'est pas du SIREN {numbers['siren']}")
    return Who(
        name=actors.display_name(said) or None,
        kind=_kind(fields.get("organiser_kind"), said, numbers["rna"]),
        rna=numbers["rna"],
        siren=numbers["siren"],
        siret=numbers["siret"],
        warnings=tuple(warnings),
    )


def _kind(said: object, name: str, number: str | None) -> ActorKind | None:
    try:
        return ActorKind(str(said))
    except ValueError:
        pass
    return actors.kind_of(name) or (ActorKind.ASSOCIATION if number else None)


def _digits(value: object) -> str:
    """A spreadsheet gives 402296990.0 or 402296990 where the number is « 402 296 990 »."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return one_line(str(value)).removesuffix(".0")
