"""Which mentions may be the same, what was said of it, what is asked."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Table,
    Text,
    text,
)

from domain.statuses import Relation
from storage.tables.columns import document, instant, link, metadata, one_of, serial, string

block_keys = Table(
    "block_keys",
    metadata,
    Column("key", BigInteger, primary_key=True),  # 64-bit hash of the key's words
    # No foreign key: thirty rows a mention, whose checks cost as much as the rows themselves, of
    # an index that can be computed again from mentions, which are never deleted (decision 0214).
    Column("mention", BigInteger, primary_key=True, autoincrement=False),
    Index("block_keys_mention_idx", "mention"),
    prefixes=["UNLOGGED"],  # emptied by a crash, computed again (decision 0300)
)

# Keys that over a hundred mentions hold: those who came first are in block_keys (decision 0260).
common_keys = Table(
    "common_keys", metadata, Column("key", BigInteger, primary_key=True, autoincrement=False)
)

verdicts = Table(
    "verdicts",
    metadata,
    serial(),
    link("a", "mentions.id"),
    link("b", "mentions.id"),
    string("relation"),
    string("by"),
    # One current verdict per pair and author; every version of the machine is one author.
    Column(
        "author",
        Text,
        Computed("case when by like 'user:%' then by else split_part(by, ':', 1) end"),
        nullable=False,
    ),
    instant("at"),
    Column("p", Float, nullable=True),
    string("note", default=""),
    instant("superseded_at", null=True),
    one_of("relation", Relation),
    CheckConstraint("a < b", name="pair"),
    CheckConstraint("p between 0 and 1", name="p"),
    Index(
        "verdicts_current_key",
        *("a", "b", "author"),
        unique=True,
        postgresql_where=text("superseded_at is null"),
    ),
    Index("verdicts_b_idx", "b", postgresql_where=text("superseded_at is null")),
    *(
        Index(name, *ends, postgresql_where=text("superseded_at is null and by like 'user:%'"))
        for name, ends in (("verdicts_people_idx", "ab"), ("verdicts_people_b_idx", "ba"))
    ),
)

questions = Table(  # the duplicates box of the queue
    "questions",
    metadata,
    Column("a", ForeignKey("mentions.id"), primary_key=True),
    Column("b", ForeignKey("mentions.id"), primary_key=True),
    document("p"),
    Column("worth", Float, nullable=False, server_default="0"),
    instant("asked_at"),
    instant("closed_at", null=True),
    CheckConstraint("a < b", name="pair"),
    Index("questions_open_idx", text("worth desc"), postgresql_where=text("closed_at is null")),
    Index("questions_b_idx", "b"),
)
