"""Campaigns, and the census of those that are over."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text

from storage.tables.columns import instant, metadata, string

campaigns = Table(
    "campaigns",
    metadata,
    Column("code", Text, primary_key=True),
    string("title"),
    instant("archived_at", null=True),
)

archived_files = Table(  # the census of an archived campaign, as it was handed over
    "archived_files",
    metadata,
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    Column("name", Text, primary_key=True),
    string("sha256"),
    Column("data", LargeBinary, nullable=False),
)
