"""The whole schema, one file a subject. In the order of the records' journey (DESIGN §2): campaign,
run, source, announcement, mention, matching, initiative, suggestion, review, actor, account,
listing; `columns` is what they share.

Text is bounded by nobody but sources; statuses are checked; instants are timestamptz; what is
never deleted carries `superseded_at`, `left_at` or `closed_at` and a partial unique index.
"""

from storage.tables.account import (
    account_links,
    accounts,
    audits,
    forgotten,
    sessions,
    sign_ins,
    signing_keys,
)
from storage.tables.actor import actor_aliases, actors, awards, labels
from storage.tables.announcement import item_aliases, items, quarantine, raw_items
from storage.tables.campaign import archived_files, campaigns
from storage.tables.columns import metadata
from storage.tables.initiative import (
    editions,
    initiative_values,
    initiatives,
    joins,
    moved,
    occurrences,
    placements,
)
from storage.tables.listing import listings
from storage.tables.matching import block_keys, common_keys, questions, verdicts
from storage.tables.mention import mention_changes, mentions, unmatched
from storage.tables.review import answers, boxes, cards, decisions
from storage.tables.run import outbox, runs
from storage.tables.source import sites, source_addresses, source_states, sources, visits
from storage.tables.suggestion import models, suggested, suggestions

__all__ = [
    "account_links", "accounts", "actor_aliases", "actors", "answers", "archived_files", "audits",
    "awards", "block_keys", "boxes", "campaigns", "cards", "common_keys", "decisions", "editions",
    "forgotten", "initiative_values", "initiatives", "item_aliases", "items", "joins", "labels",
    "listings", "mention_changes", "mentions", "metadata", "models", "moved", "occurrences",
    "outbox", "placements", "quarantine", "questions", "raw_items", "runs", "sessions", "sign_ins",
    "signing_keys", "sites", "source_addresses", "source_states", "sources", "suggested",
    "suggestions", "unmatched", "verdicts", "visits",
]  # fmt: skip
