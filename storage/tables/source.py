"""Sources, what is known of their sites, and every visit."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from domain.statuses import Outcome, Publisher, SourceHealth
from storage.tables.columns import count, document, instant, link, metadata, one_of, serial, string

sources = Table(
    "sources",
    metadata,
    Column("slug", Text, primary_key=True),
    string("title"),
    string("kind"),
    string("url"),
    string("publisher"),
    string("department", null=True),
    string("campaign", null=True),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    document("record"),
    string("added_by", null=True),  # who added it on screen; null = a file of sources/
    one_of("publisher", Publisher),
)

source_states = Table(
    "source_states",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True),
    string("health", default="ok"),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    instant("last_visit_at", null=True),
    instant("last_ok_at", null=True),
    instant("next_visit_at", null=True),
    count("failures"),
    string("last_why", default=""),
    Column("usual_items", Float, nullable=True),
    document("validators"),
    document("memory"),
    document("identity"),
    one_of("health", SourceHealth),
    CheckConstraint("failures >= 0", name="failures"),
)

source_addresses = Table(  # where a source was before a permanent redirect was adopted
    "source_addresses",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True),
    Column("url", Text, primary_key=True),
    instant("left_at"),
)

sites = Table(  # what a site asked of robots, whatever its sources
    "sites",
    metadata,
    Column("site", Text, primary_key=True),
    document("record"),
    instant("seen_at"),
)

visits = Table(
    "visits",
    metadata,
    serial(),
    link("source", "sources.slug"),
    link("run", "runs.id", null=True),
    string("outcome"),
    string("why", default=""),
    instant("started_at"),
    Column("seconds", Float, nullable=False, server_default="0"),
    count("requests"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    count("items"),
    count("new"),
    count("changed"),
    count("quarantined"),
    count("skipped"),
    Column("response_ms", Integer, nullable=True),
    one_of("outcome", Outcome),
    Index("visits_source_started_at_idx", "source", text("started_at desc")),
    Index("visits_run_idx", "run"),
)
