"""The OpenAPI 3.1 description of `/api/v1`: what is asked, answered and refused.

schemathesis tries it (docs/recensement.md says how, and what it found).
"""

from dataclasses import fields
from typing import Any

from census.columns import Column, chosen
from census.filters import Filter
from census.schema import table_schema
from census.table import LICENCE, LICENCE_URL
from domain.campaigns import THEMES, campaigns


def openapi(*, usual: int, most: int) -> dict[str, Any]:
    """The OpenAPI 3.1 description, from the same columns, filters and refusals as the rest."""
    asked = [_CAMPAIGN, *map(_filter, _filters())]
    limit = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    cursor = {"type": "string", "pattern": CURSOR}
    paging = [
        _parameter("limite", limit, "Initiatives par page"),
        _parameter(
            "curseur", cursor, "Dernier identifiant reçu : la page suivante commence après lui"
        ),
    ]
    identity = {"type": "string", "minLength": 1, "pattern": r"^[A-Za-z0-9-]+$"}
    one = {**_parameter("identity", identity, "Identifiant"), "in": "path", "required": True}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Recensement des animations territoriales",
            "version": table_schema(())["version"],
            "license": {"name": LICENCE, "url": LICENCE_URL},
        },
        "paths": {
            "/api/v1/campagnes": _get("Les campagnes", [], "Campagnes"),
            "/api/v1/initiatives": _get(
                "Les initiatives, page par page", [*asked, *paging], "Page", refused=True
            ),
            "/api/v1/initiatives/{identity}": _get(
                "Une initiative", [one, _CAMPAIGN], "Initiative", refused=True
            ),
            "/api/v1/indicateurs": _get(
                "Les effectifs, avec leur n", asked, "Indicateurs", refused=True
            ),
        },
        "components": {"schemas": _schemas()},
    }


CURSOR = r"^[A-Za-z0-9-]*$"
_CAMPAIGN: dict[str, Any] = {
    "name": "campagne",
    "in": "query",
    "schema": {"type": "string", "enum": ["", *campaigns()]},
    "description": "Code de la campagne ; vide ou absent, celle de la maison",
}


def _schemas() -> dict[str, Any]:
    """What the answers are made of."""
    count = _object(
        {"code": _STRING, "label": _STRING, "count": _INTEGER, "n": _INTEGER}, required=True
    )
    counts = {"type": "array", "items": count}
    page = {
        "campagne": _STRING,
        "licence": _STRING,
        "total": _INTEGER,
        "suivant": {"type": ["string", "null"], "description": "Adresse de la page suivante"},
        "initiatives": {"type": "array", "items": {"$ref": "#/components/schemas/Initiative"}},
    }
    told = {"campagne": _STRING, "ensemble": {"type": "object"}}
    told |= {"themes": counts, "departements": counts, "mois": counts}
    campaign = {"code": _STRING, "titre": _STRING, "debut": _DATE, "fin": _DATE}
    campaign |= {"departements": {"type": "array", "items": _STRING}}
    return {
        "Initiative": _object({one.name: _schema(one) for one in chosen()}, required=True),
        "Page": _object(page, required=True),
        "Indicateurs": _object(told, required=True),
        "Campagnes": {"type": "array", "items": _object(campaign, required=True)},
        "Erreur": _object({"message": _STRING}, required=True),
    }


_STRING: dict[str, Any] = {"type": "string"}
_INTEGER: dict[str, Any] = {"type": "integer", "minimum": 0}
_DATE: dict[str, Any] = {"type": "string", "format": "date"}


def _object(properties: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties}
    return made | ({"required": list(properties)} if required else {})


def _schema(column: Column) -> dict[str, Any]:
    """A column as JSON Schema: what may be null, and the codes it may take."""
    kinds = {"array": "array", "date": "string", "datetime": "string"}
    made: dict[str, Any] = {
        "type": [kinds.get(column.type, column.type), "null"],
        "description": column.title,
    }
    if column.type in ("date", "datetime"):
        made["format"] = "date" if column.type == "date" else "date-time"
    if column.type == "array":
        made["items"] = {"type": "string"}
    if "enum" in column.constraints:
        made["enum"] = [*column.constraints["enum"], None]
    return made


def _filters() -> list[str]:
    return [one.name for one in fields(Filter)]


def _filter(name: str) -> dict[str, Any]:
    """A filter, and what it refuses; an empty one asks nothing."""
    shapes: dict[str, dict[str, Any]] = {
        "theme": {"type": "string", "enum": ["", *THEMES]},
        "mois": {"type": "string", "pattern": r"^((19|20|21)\d\d-(0[1-9]|1[0-2]))?$"},
    }
    return _parameter(name, shapes.get(name, _STRING))


def _parameter(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    told = {"name": name, "in": "query", "schema": schema}
    return told | ({"description": description} if description else {})


def _get(
    summary: str, parameters: list[dict[str, Any]], schema: str, *, refused: bool = False
) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": _answer("Trouvé", schema),
        "304": {"description": "Inchangé (If-None-Match)"},
        "429": {"description": "Trop de demandes : attendez (Retry-After)"},
    }
    if refused:
        answers["400"] = _answer("Une valeur impossible : filtre ou limite", "Erreur")
        answers["404"] = _answer("Campagne ou initiative inconnue", "Erreur")
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _answer(description: str, schema: str) -> dict[str, Any]:
    shape = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {"application/json": shape}}
