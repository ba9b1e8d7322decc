"""Organisers and partners; labels, and who holds them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from domain.statuses import ActorKind
from storage.tables.columns import instant, link, metadata, one_of, serial, string

actors = Table(
    "actors",
    metadata,
    Column("id", Text, primary_key=True),
    string("name"),
    string("kind", null=True),
    string("rna", null=True),
    string("siren", null=True),
    string("siret", null=True),
    string("commune_code", null=True),
    string("department", null=True),
    one_of("kind", ActorKind),
    UniqueConstraint("rna"),
    UniqueConstraint("siret"),
    Index("actors_siren_idx", "siren"),
)

actor_aliases = Table(
    "actor_aliases",
    metadata,
    Column("actor", ForeignKey("actors.id"), primary_key=True),
    Column("name_key", Text, primary_key=True),  # folded
    string("name"),
    Index("actor_aliases_name_key_idx", "name_key"),
)

labels = Table(
    "labels",
    metadata,
    Column("slug", Text, primary_key=True),
    string("title"),
)

awards = Table(
    "awards",
    metadata,
    serial(),
    link("label", "labels.slug"),
    link("initiative", "initiatives.id", null=True),
    link("actor", "actors.id", null=True),
    string("level", default=""),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=True),
    link("decision", "decisions.id", null=True),
    instant("withdrawn_at", null=True),
    CheckConstraint("num_nonnulls(initiative, actor) = 1", name="holder"),
    CheckConstraint("ends_on >= starts_on", name="days"),
    Index("awards_initiative_idx", "initiative", postgresql_where=text("withdrawn_at is null")),
    Index("awards_decision_idx", "decision"),
    Index("awards_actor_idx", "actor", postgresql_where=text("withdrawn_at is null")),
)
