"""Initiatives, their editions and dates; which mentions they are told by."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.statuses import EventStatus, InitiativeStatus
from storage.tables.columns import document, instant, link, metadata, one_of, serial, string

initiatives = Table(
    "initiatives",
    metadata,
    Column("id", Text, primary_key=True),
    string("status", default="waiting"),
    instant("created_at"),
    instant("changed_at"),
    link("merged_into", "initiatives.id", null=True),
    Column("version", Integer, nullable=False, server_default="1"),
    instant("values_at", null=True),  # null = its members changed since its values were computed
    one_of("status", InitiativeStatus),
    CheckConstraint("merged_into <> id", name="merged_into"),
    Index(
        "initiatives_without_values_idx",
        "id",
        postgresql_where=text("values_at is null and merged_into is null"),
    ),
    Index("initiatives_status_idx", "status", "id"),
    Index("initiatives_merged_into_idx", "merged_into"),
)

joins = Table(  # every merge, with what must be given back when it is undone
    "joins",
    metadata,
    serial(),
    link("initiative", "initiatives.id"),
    link("into", "initiatives.id"),
    instant("at"),
    document("before"),
    string("into_status"),  # of the survivor, before
    Column("answered", Boolean, nullable=False, server_default="false"),  # by a person's answer
    instant("undone_at", null=True),
    Index(
        "joins_current_key",
        "initiative",
        unique=True,
        postgresql_where=text("undone_at is null"),
    ),
    Index("joins_into_idx", "into"),
)

initiative_values = Table(
    "initiative_values",
    metadata,
    serial(),
    link("initiative", "initiatives.id"),
    string("field"),
    Column("value", JSONB, nullable=True),
    link("mention", "mentions.id", null=True),
    string("rule", default=""),
    instant("at"),
    document("alternatives", "[]"),
    link("joined", "joins.id", null=True),  # a person's value brought by that merge
    instant("superseded_at", null=True),
    Index(
        "initiative_values_current_key",
        *("initiative", "field"),
        unique=True,
        postgresql_where=text("superseded_at is null"),
    ),
    Index("initiative_values_initiative_idx", "initiative", "field"),
    Index("initiative_values_joined_idx", "joined", postgresql_where=text("joined is not null")),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Text, primary_key=True),
    link("initiative", "initiatives.id"),
    string("label", default=""),
    string("status", default="planned"),
    link("part_of", "editions.id", null=True),
    one_of("status", EventStatus),
    CheckConstraint("part_of <> id", name="part_of"),
    Index("editions_initiative_idx", "initiative"),
    Index("editions_part_of_idx", "part_of"),
)

occurrences = Table(
    "occurrences",
    metadata,
    serial(),
    link("edition", "editions.id"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("starts_at", Time, nullable=True),
    Column("ends_at", Time, nullable=True),
    UniqueConstraint(
        *("edition", "starts_on", "ends_on", "starts_at", "ends_at"),
        postgresql_nulls_not_distinct=True,
    ),
    CheckConstraint("ends_on >= starts_on", name="days"),
    Index("occurrences_starts_on_idx", "starts_on"),
    Index(
        "occurrences_days_idx",
        text("daterange(starts_on, ends_on, '[]')"),
        postgresql_using="gist",
    ),
)

placements = Table(  # where a mention is, and everywhere it has been
    "placements",
    metadata,
    serial(),
    link("mention", "mentions.id"),
    link("initiative", "initiatives.id"),
    link("edition", "editions.id", null=True),
    instant("placed_at"),
    instant("left_at", null=True),
    Index(
        "placements_current_key",
        "mention",
        unique=True,
        postgresql_where=text("left_at is null"),
    ),
    Index(
        "placements_initiative_idx",
        "initiative",
        postgresql_where=text("left_at is null"),
    ),
    Index("placements_edition_idx", "edition", postgresql_where=text("left_at is null")),
    Index("placements_mention_idx", "mention"),
)

moved = Table(  # where the chain had put what people's answers moved: see storage.moved
    "moved",
    metadata,
    Column("mention", ForeignKey("mentions.id"), primary_key=True, autoincrement=False),
    link("initiative", "initiatives.id"),
    link("edition", "editions.id", null=True),
    link("part_of", "editions.id", null=True),
    *(Index(f"moved_{name}_idx", name) for name in ("initiative", "edition", "part_of")),
)
