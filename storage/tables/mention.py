"""Announcements as they were read."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, text

from storage.tables.columns import document, instant, link, metadata, serial, string

mentions = Table(
    "mentions",
    metadata,
    Column("id", ForeignKey("items.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    string("source"),
    string("campaign", null=True),
    string("title_key"),  # folded, for searching
    string("url_key", null=True),  # without scheme, www nor final slash
    Column("starts_on", Date, nullable=True),
    Column("ends_on", Date, nullable=True),
    string("commune_code", null=True),
    string("department", null=True),
    document("record"),
    instant("read_at"),
    Index("mentions_url_key_idx", "url_key", postgresql_using="hash"),
    Index("mentions_source_idx", "source"),
)

# Those that matching has still to place: a row of its own, so that a mention is not written again.
unmatched = Table(
    "unmatched", metadata, Column("mention", ForeignKey("mentions.id"), primary_key=True)
)

mention_changes = Table(  # what each new reading changed, field by field; append-only
    "mention_changes",
    metadata,
    serial(),
    link("mention", "mentions.id"),
    Column("revision", Integer, nullable=False),  # of the announcement
    instant("at"),
    string("extractor", default=""),
    Column("reopens", Boolean, nullable=False, server_default=text("false")),
    document("changes"),  # field → [before, after]
    Index("mention_changes_mention_idx", "mention", "id"),
)
