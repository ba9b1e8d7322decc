"""Announcements as they were found, revision by revision, and those that could not be read."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)

from storage.tables.columns import document, instant, link, metadata, serial, string, strings

items = Table(  # the identity of an announcement; its contents are the revisions in raw_items
    "items",
    metadata,
    serial(),
    link("source", "sources.slug"),
    string("key"),
    Column("key_hash", LargeBinary, nullable=False),  # a key may be longer than an index entry
    Column("revision", Integer, nullable=False, server_default="1"),
    string("content_sha256"),
    instant("first_seen_at"),
    instant("last_seen_at"),
    string("read_as", default=""),  # extractor version; empty = this revision was never read
    string("address_mark", null=True),  # path of its page, whatever the host (domain.addresses)
    string("likeness_mark", null=True),  # title, date and place (domain.identity)
    UniqueConstraint("source", "key_hash"),
    CheckConstraint("revision >= 1", name="revision"),
    Index("items_read_as_idx", "read_as", "id"),
    Index("items_address_mark_idx", "source", "address_mark"),
    Index("items_likeness_mark_idx", "source", "likeness_mark"),
)

item_aliases = Table(  # other identifiers an announcement has had
    "item_aliases",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True),
    Column("key_hash", LargeBinary, primary_key=True),
    link("item", "items.id"),
    instant("seen_at"),
    Index("item_aliases_item_idx", "item"),
)

raw_items = Table(
    "raw_items",
    metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    string("content_sha256"),
    string("url", null=True),
    document("fields"),
    instant("published_at", null=True),
    strings("leftovers"),
    instant("seen_at"),
)

quarantine = Table(
    "quarantine",
    metadata,
    serial(),
    link("source", "sources.slug"),
    string("key"),
    Column("key_hash", LargeBinary, nullable=False),
    string("why"),
    document("payload", "null"),
    Column("attempts", Integer, nullable=False, server_default="1"),
    instant("first_at"),
    instant("last_at"),
    instant("released_at", null=True),
    Index(
        "quarantine_open_key",
        *("source", "key_hash"),
        unique=True,
        postgresql_where=text("released_at is null"),
    ),
)
