"""Learned models: every version kept, one of each name active."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict, StorageError
from domain.records import Json
from storage import tables
from storage.codec import encode

_t = tables.models
_HEAD = ("name", "version", "data_sha256", "metrics", "created_at", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model as stored. `payload` is opaque to storage and checked on reading (never a pickle)."""

    name: str  # themes, matching…
    version: str
    data_sha256: str  # fingerprint of what it learned from
    metrics: Mapping[str, Json]
    payload: bytes = b""  # empty in `history`
    created_at: datetime
    active: bool = False


def save(conn: Connection, model: Model) -> None:
    """Keep a new version, active if it says so. Raises Conflict when the version exists."""
    row = {name: getattr(model, name) for name in (*_HEAD, "payload")}
    row |= {"metrics": encode(model.metrics), "active": False}
    row |= {"payload_sha256": hashlib.sha256(model.payload).hexdigest()}
    new = insert(_t).values(row).on_conflict_do_nothing().returning(_t.c.id)
    if conn.execute(new).first() is None:
        raise Conflict(
            "cette version existe déjà et ne se réécrit jamais ; choisissez-en une autre",
            about=f"{model.name}/{model.version}",
        )
    if model.active:
        activate(conn, model.name, model.version)


def activate(conn: Connection, name: str, version: str) -> None:
    """Use this version from now on (also: roll back). Raises Conflict when it is unknown."""
    conn.execute(update(_t).where(_t.c.name == name, _t.c.active).values(active=False))
    chosen = update(_t).where(_t.c.name == name, _t.c.version == version)
    if conn.execute(chosen.values(active=True)).rowcount == 0:
        raise Conflict("cette version du modèle n'existe pas", about=f"{name}/{version}")


def active(conn: Connection, name: str) -> Model | None:
    """The version in use, with its payload; None before the first.

    Raises StorageError when the payload is not what was saved.
    """
    row = conn.execute(select(_t).where(_t.c.name == name, _t.c.active)).one_or_none()
    if row is None:
        return None
    payload = bytes(row.payload)
    if hashlib.sha256(payload).hexdigest() != row.payload_sha256:
        raise StorageError(
            "le modèle enregistré n'est plus ce qui fut gardé ; activez une version antérieure",
            about=f"{name}/{row.version}",
        )
    return _model(row, payload)


def history(conn: Connection, name: str) -> list[Model]:
    """Every version, newest first, without the payloads."""
    query = select(*(_t.c[column] for column in _HEAD)).where(_t.c.name == name)
    return [_model(row) for row in conn.execute(query.order_by(_t.c.id.desc()))]


def _model(row: Row[Any], payload: bytes = b"") -> Model:
    return Model(**{name: getattr(row, name) for name in _HEAD}, payload=payload)
