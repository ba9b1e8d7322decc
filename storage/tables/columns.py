"""What every table is made of: one catalogue, and a word for each usual column."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def serial() -> Column[int]:
    """`id`, given by the database."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def string(name: str, *, default: str | None = None, null: bool = False) -> Column[str]:
    """A text of any length."""
    return Column(name, Text, nullable=null, server_default=default)


def strings(name: str) -> Column[Any]:
    """Texts, none by default."""
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))


def instant(name: str, *, null: bool = False) -> Column[Any]:
    """An instant, with its zone."""
    return Column(name, TIMESTAMP(timezone=True), nullable=null)


def count(name: str) -> Column[int]:
    """How many, 0 by default."""
    return Column(name, Integer, nullable=False, server_default="0")


def document(name: str, empty: str = "{}") -> Column[Any]:
    """A JSON document; `empty`: the default one, as JSON."""
    return Column(name, JSONB, nullable=False, server_default=text(f"'{empty}'::jsonb"))


def link(name: str, target: str, *, null: bool = False) -> Column[Any]:
    """A foreign key; its type is that of the target."""
    return Column(name, ForeignKey(target), nullable=null)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """A check that a text is one of these words."""
    allowed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} in ({allowed})", name=column)
