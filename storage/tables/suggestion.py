"""Models, and what they suggest of initiatives."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from domain.statuses import SuggestionKind
from storage.tables.columns import document, instant, metadata, one_of, serial, string

models = Table(
    "models",
    metadata,
    serial(),
    string("name"),
    string("version"),
    string("data_sha256"),
    document("metrics"),
    Column("payload", LargeBinary, nullable=False),
    string("payload_sha256"),
    instant("created_at"),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("name", "version"),
    Index("models_active_key", "name", unique=True, postgresql_where=text("active")),
)

suggested = Table(  # which model last looked at an initiative for a campaign, even in vain
    "suggested",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    string("model"),
    instant("at"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("p", Float, nullable=False),
    Column("chosen", Boolean, nullable=False),
    document("reasons", "[]"),
    string("model"),
    one_of("kind", SuggestionKind),
    CheckConstraint("p between 0 and 1", name="p"),
)
