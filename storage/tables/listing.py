"""What lists show and search."""

from sqlalchemy import Column, Date, ForeignKey, Index, Table
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.tables.columns import metadata, string, strings

listings = Table(  # what lists show and search of an initiative; storage.lists keeps it up to date
    "listings",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    string("title", default=""),
    string("organiser", default=""),
    string("commune_code", null=True),
    string("commune_name", null=True),
    string("department", null=True),
    Column("starts_on", Date, nullable=True),
    Column("ends_on", Date, nullable=True),
    Column("sort_on", Date, nullable=False, server_default="9999-12-31"),  # undated ones last
    strings("sources"),
    strings("marks"),  # "c:PAAT-2024" or "c:*", "t:PAAT-2024:heritage"
    Column("words", TSVECTOR, nullable=False),
    Index("listings_sort_on_idx", "sort_on", "initiative"),
    Index("listings_department_idx", "department", "initiative"),
    Index("listings_commune_code_idx", "commune_code", "initiative"),
    Index("listings_sources_idx", "sources", postgresql_using="gin"),
    Index("listings_marks_idx", "marks", postgresql_using="gin"),
    Index("listings_words_idx", "words", postgresql_using="gin"),
)
