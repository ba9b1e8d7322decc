"""Runs, and what they tell the rest of the world."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, text

from storage.tables.columns import document, instant, metadata, serial, string

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    instant("started_at"),
    instant("ended_at", null=True),
    string("trigger"),
    document("counts"),
    CheckConstraint("ended_at >= started_at", name="order"),
    Index("runs_started_at_idx", text("started_at desc")),
)

outbox = Table(
    "outbox",
    metadata,
    serial(),
    string("event"),
    string("resource"),
    document("payload"),
    instant("created_at"),
    instant("published_at", null=True),
    Index("outbox_unpublished_idx", "id", postgresql_where=text("published_at is null")),
)
