"""The whole schema, in the order of the records' journey (DESIGN §2).

Text is bounded by nobody but sources; statuses are checked; instants are timestamptz; what is
never deleted carries `superseded_at`, `left_at` or `closed_at` and a partial unique index.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from domain.statuses import (
    ActorKind,
    CardState,
    DecisionKind,
    EventStatus,
    InitiativeStatus,
    Look,
    Outcome,
    Publisher,
    Relation,
    Role,
    SourceHealth,
    SuggestionKind,
)

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _text(name: str, *, default: str | None = None, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, server_default=default)


def _at(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, TIMESTAMP(timezone=True), nullable=null)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _json(name: str, empty: str = "{}") -> Column[Any]:
    return Column(name, JSONB, nullable=False, server_default=text(f"'{empty}'::jsonb"))


def _to(name: str, target: str, *, null: bool = False) -> Column[Any]:
    """A foreign key; its type is that of the target."""
    return Column(name, ForeignKey(target), nullable=null)


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    allowed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} in ({allowed})", name=column)


# --- campaigns, runs -------------------------------------------------------------------------

campaigns = Table(
    "campaigns",
    metadata,
    Column("code", Text, primary_key=True),
    _text("title"),
    _at("archived_at", null=True),
)

archived_files = Table(  # the census of an archived campaign, as it was handed over
    "archived_files",
    metadata,
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    Column("name", Text, primary_key=True),
    _text("sha256"),
    Column("data", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    _at("started_at"),
    _at("ended_at", null=True),
    _text("trigger"),
    _json("counts"),
    CheckConstraint("ended_at >= started_at", name="order"),
    Index("runs_started_at_idx", text("started_at desc")),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _text("event"),
    _text("resource"),
    _json("payload"),
    _at("created_at"),
    _at("published_at", null=True),
    Index("outbox_unpublished_idx", "id", postgresql_where=text("published_at is null")),
)

# --- sources ---------------------------------------------------------------------------------

sources = Table(
    "sources",
    metadata,
    Column("slug", Text, primary_key=True),
    _text("title"),
    _text("kind"),
    _text("url"),
    _text("publisher"),
    _text("department", null=True),
    _text("campaign", null=True),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    _json("record"),
    _text("added_by", null=True),  # who added it on screen; null = a file of sources/
    _one_of("publisher", Publisher),
)

source_states = Table(
    "source_states",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True),
    _text("health", default="ok"),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    _at("last_visit_at", null=True),
    _at("last_ok_at", null=True),
    _at("next_visit_at", null=True),
    _count("failures"),
    _text("last_why", default=""),
    Column("usual_items", Float, nullable=True),
    _json("validators"),
    _json("memory"),
    _json("identity"),
    _one_of("health", SourceHealth),
    CheckConstraint("failures >= 0", name="failures"),
)

source_addresses = Table(  # where a source was before a permanent redirect was adopted
    "source_addresses",
    metadata,
    Column("source", ForeignKey("sources.slug"), primary_key=True),
    Column("url", Text, primary_key=True),
    _at("left_at"),
)

sites = Table(  # what a site asked of robots, whatever its sources
    "sites",
    metadata,
    Column("site", Text, primary_key=True),
    _json("record"),
    _at("seen_at"),
)

visits = Table(
    "visits",
    metadata,
    _id(),
    _to("source", "sources.slug"),
    _to("run", "runs.id", null=True),
    _text("outcome"),
    _text("why", default=""),
    _at("started_at"),
    Column("seconds", Float, nullable=False, server_default="0"),
    _count("requests"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    _count("items"),
    _count("new"),
    _count("changed"),
    _count("quarantined"),
    _count("skipped"),
    Column("response_ms", Integer, nullable=True),
    _one_of("outcome", Outcome),
    Index("visits_source_started_at_idx", "source", text("started_at desc")),
    Index("visits_run_idx", "run"),
)

# --- announcements ---------------------------------------------------------------------------

items = Table(  # the identity of an announcement; its contents are the revisions in raw_items
    "items",
    metadata,
    _id(),
    _to("source", "sources.slug"),
    _text("key"),
    Column("key_hash", LargeBinary, nullable=False),  # a key may be longer than an index entry
    Column("revision", Integer, nullable=False, server_default="1"),
    _text("content_sha256"),
    _at("first_seen_at"),
    _at("last_seen_at"),
    _text("read_as", default=""),  # extractor version; empty = this revision was never read
    _text("address_mark", null=True),  # path of its page, whatever the host (domain.addresses)
    _text("likeness_mark", null=True),  # title, date and place (domain.identity)
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
    _to("item", "items.id"),
    _at("seen_at"),
    Index("item_aliases_item_idx", "item"),
)

raw_items = Table(
    "raw_items",
    metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    _text("content_sha256"),
    _text("url", null=True),
    _json("fields"),
    _at("published_at", null=True),
    Column("leftovers", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    _at("seen_at"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    _to("source", "sources.slug"),
    _text("key"),
    Column("key_hash", LargeBinary, nullable=False),
    _text("why"),
    _json("payload", "null"),
    Column("attempts", Integer, nullable=False, server_default="1"),
    _at("first_at"),
    _at("last_at"),
    _at("released_at", null=True),
    Index(
        "quarantine_open_key",
        *("source", "key_hash"),
        unique=True,
        postgresql_where=text("released_at is null"),
    ),
)

mentions = Table(
    "mentions",
    metadata,
    Column("id", ForeignKey("items.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    _text("source"),
    _text("campaign", null=True),
    _text("title_key"),  # folded, for searching
    _text("url_key", null=True),  # without scheme, www nor final slash
    Column("starts_on", Date, nullable=True),
    Column("ends_on", Date, nullable=True),
    _text("commune_code", null=True),
    _text("department", null=True),
    _json("record"),
    _at("read_at"),
    _at("matched_at", null=True),
    Index("mentions_unmatched_idx", "id", postgresql_where=text("matched_at is null")),
    Index("mentions_url_key_idx", "url_key", postgresql_using="hash"),
    Index("mentions_source_idx", "source"),
)

mention_changes = Table(  # what each new reading changed, field by field; append-only
    "mention_changes",
    metadata,
    _id(),
    _to("mention", "mentions.id"),
    Column("revision", Integer, nullable=False),  # of the announcement
    _at("at"),
    _text("extractor", default=""),
    Column("reopens", Boolean, nullable=False, server_default=text("false")),
    _json("changes"),  # field → [before, after]
    Index("mention_changes_mention_idx", "mention", "id"),
)

# --- matching --------------------------------------------------------------------------------

block_keys = Table(
    "block_keys",
    metadata,
    Column("key", BigInteger, primary_key=True),  # 64-bit hash of the key's words
    # No foreign key: thirty rows a mention, whose checks cost as much as the rows themselves, of
    # an index that can be computed again from mentions, which are never deleted (decision 0214).
    Column("mention", BigInteger, primary_key=True, autoincrement=False),
    Index("block_keys_mention_idx", "mention"),
)

# Keys that over a hundred mentions hold: those who came first are in block_keys (decision 0260).
common_keys = Table(
    "common_keys", metadata, Column("key", BigInteger, primary_key=True, autoincrement=False)
)

verdicts = Table(
    "verdicts",
    metadata,
    _id(),
    _to("a", "mentions.id"),
    _to("b", "mentions.id"),
    _text("relation"),
    _text("by"),
    # One current verdict per pair and author; every version of the machine is one author.
    Column(
        "author",
        Text,
        Computed("case when by like 'user:%' then by else split_part(by, ':', 1) end"),
        nullable=False,
    ),
    _at("at"),
    Column("p", Float, nullable=True),
    _json("reasons", "[]"),
    _text("note", default=""),
    _at("superseded_at", null=True),
    _one_of("relation", Relation),
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
    _json("p"),
    _json("reasons", "[]"),
    Column("worth", Float, nullable=False, server_default="0"),
    _at("asked_at"),
    _at("closed_at", null=True),
    CheckConstraint("a < b", name="pair"),
    Index("questions_open_idx", text("worth desc"), postgresql_where=text("closed_at is null")),
    Index("questions_b_idx", "b"),
)

# --- initiatives -----------------------------------------------------------------------------

initiatives = Table(
    "initiatives",
    metadata,
    Column("id", Text, primary_key=True),
    _text("status", default="waiting"),
    _at("created_at"),
    _at("changed_at"),
    _to("merged_into", "initiatives.id", null=True),
    Column("version", Integer, nullable=False, server_default="1"),
    _at("values_at", null=True),  # null = its members changed since its values were computed
    _one_of("status", InitiativeStatus),
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
    _id(),
    _to("initiative", "initiatives.id"),
    _to("into", "initiatives.id"),
    _at("at"),
    _json("before"),
    _text("into_status"),  # of the survivor, before
    _at("undone_at", null=True),
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
    _id(),
    _to("initiative", "initiatives.id"),
    _text("field"),
    Column("value", JSONB, nullable=True),
    _to("mention", "mentions.id", null=True),
    _text("rule", default=""),
    _at("at"),
    _json("alternatives", "[]"),
    _to("joined", "joins.id", null=True),  # a person's value brought by that merge
    _at("superseded_at", null=True),
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
    _to("initiative", "initiatives.id"),
    _text("label", default=""),
    _text("status", default="planned"),
    _to("part_of", "editions.id", null=True),
    _one_of("status", EventStatus),
    CheckConstraint("part_of <> id", name="part_of"),
    Index("editions_initiative_idx", "initiative"),
    Index("editions_part_of_idx", "part_of"),
)

occurrences = Table(
    "occurrences",
    metadata,
    _id(),
    _to("edition", "editions.id"),
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
    _id(),
    _to("mention", "mentions.id"),
    _to("initiative", "initiatives.id"),
    _to("edition", "editions.id", null=True),
    _at("placed_at"),
    _at("left_at", null=True),
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

# --- classifying and deciding ----------------------------------------------------------------

models = Table(
    "models",
    metadata,
    _id(),
    _text("name"),
    _text("version"),
    _text("data_sha256"),
    _json("metrics"),
    Column("payload", LargeBinary, nullable=False),
    _text("payload_sha256"),
    _at("created_at"),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("name", "version"),
    Index("models_active_key", "name", unique=True, postgresql_where=text("active")),
)

suggested = Table(  # which model last looked at an initiative for a campaign, even in vain
    "suggested",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    _text("model"),
    _at("at"),
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
    _json("reasons", "[]"),
    _text("model"),
    _one_of("kind", SuggestionKind),
    CheckConstraint("p between 0 and 1", name="p"),
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    _to("initiative", "initiatives.id"),
    _to("campaign", "campaigns.code"),
    _text("kind"),
    _text("by"),
    _at("at"),
    _json("value"),
    _json("before"),
    _text("motive", default=""),
    _to("undoes", "decisions.id", null=True),
    _text("key", null=True),
    UniqueConstraint("key"),
    UniqueConstraint("undoes"),
    _one_of("kind", DecisionKind),
    CheckConstraint("(kind = 'undo') = (undoes is not null)", name="undoes"),
    Index("decisions_initiative_idx", "initiative", "id"),
    Index("decisions_campaign_idx", "campaign", "id"),
)

# --- actors, labels --------------------------------------------------------------------------

actors = Table(
    "actors",
    metadata,
    Column("id", Text, primary_key=True),
    _text("name"),
    _text("kind", null=True),
    _text("rna", null=True),
    _text("siren", null=True),
    _text("siret", null=True),
    _text("commune_code", null=True),
    _text("department", null=True),
    _one_of("kind", ActorKind),
    UniqueConstraint("rna"),
    UniqueConstraint("siret"),
    Index("actors_siren_idx", "siren"),
)

actor_aliases = Table(
    "actor_aliases",
    metadata,
    Column("actor", ForeignKey("actors.id"), primary_key=True),
    Column("name_key", Text, primary_key=True),  # folded
    _text("name"),
    Index("actor_aliases_name_key_idx", "name_key"),
)

labels = Table(
    "labels",
    metadata,
    Column("slug", Text, primary_key=True),
    _text("title"),
)

awards = Table(
    "awards",
    metadata,
    _id(),
    _to("label", "labels.slug"),
    _to("initiative", "initiatives.id", null=True),
    _to("actor", "actors.id", null=True),
    _text("level", default=""),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=True),
    _to("decision", "decisions.id", null=True),
    _at("withdrawn_at", null=True),
    CheckConstraint("num_nonnulls(initiative, actor) = 1", name="holder"),
    CheckConstraint("ends_on >= starts_on", name="days"),
    Index("awards_initiative_idx", "initiative", postgresql_where=text("withdrawn_at is null")),
    Index("awards_decision_idx", "decision"),
    Index("awards_actor_idx", "actor", postgresql_where=text("withdrawn_at is null")),
)

# --- people ----------------------------------------------------------------------------------


def _words(name: str) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))


accounts = Table(
    "accounts",
    metadata,
    _id(),
    _text("name"),  # what one signs in with; folded, unique
    _text("full_name", default=""),
    _text("email", null=True),
    _text("role"),
    _text("password_hash", null=True),  # null = never chosen yet
    _words("departments"),  # empty = the whole region
    _text("organisation", default=""),  # one does not decide upon one's own
    _json("preferences"),
    _text("issuer", null=True),  # OIDC identity: (issuer, subject), never the e-mail alone
    _text("subject", null=True),
    _count("failures"),
    _at("locked_until", null=True),
    _at("created_at"),
    _at("disabled_at", null=True),
    UniqueConstraint("name"),
    UniqueConstraint("issuer", "subject"),
    _one_of("role", Role),
)

account_links = Table(  # one-time links to choose a password
    "account_links",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    _to("account", "accounts.id"),
    _at("created_at"),
    _at("expires_at"),
    _at("used_at", null=True),
    Index("account_links_account_idx", "account"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    _to("account", "accounts.id"),
    _text("csrf"),
    _text("address", default=""),  # truncated: the network, not the person
    _text("agent", default=""),
    _at("created_at"),
    _at("seen_at"),
    _at("expires_at"),
    _at("revoked_at", null=True),
    _text("id_token", null=True),  # of the identity provider: it ends its session too
    Index("sessions_account_idx", "account"),
)

sign_ins = Table(  # browsers gone to the identity provider, until they come back
    "sign_ins",
    metadata,
    Column("state_sha256", Text, primary_key=True),
    _text("nonce"),
    _text("verifier"),
    _text("next"),
    _at("expires_at"),
)

forgotten = Table(  # people who asked for it: SHA-256 of their e-mail or number, nothing else
    "forgotten",
    metadata,
    Column("mark", Text, primary_key=True),
    _text("kind"),
    _at("at"),
)

audits = Table(  # who did what to accounts, settings and data; append-only
    "audits",
    metadata,
    _id(),
    _at("at"),
    _text("by"),  # "user:<name>", "system"
    _text("action"),
    _text("about", default=""),
    _json("details"),
    Index("audits_at_idx", text("at desc")),
)

# --- the queue -------------------------------------------------------------------------------

cards = Table(  # an initiative to review for a campaign, with what orders and filters the queue
    "cards",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    _text("state", default="open"),
    Column("level", SmallInteger, nullable=False, server_default="0"),  # uncertainty, 0 to 2
    Column("turn", Integer, nullable=False, server_default="1"),  # rank in its group
    _text("group_key", default=""),
    _text("organiser_key", default=""),
    _text("department", null=True),
    _words("sources"),
    _words("themes"),  # the chosen ones
    Column("doubled", Boolean, nullable=False, server_default=text("false")),
    Column("reopened", Boolean, nullable=False, server_default=text("false")),
    _count("skips"),
    _at("entered_at"),
    Column("known", JSONB, nullable=True),  # {"kind", "themes"}: fit for a control
    _to("leased_by", "accounts.id", null=True),
    _at("leased_until", null=True),
    _one_of("state", CardState),
    CheckConstraint("level between 0 and 2", name="level"),
    CheckConstraint("(leased_by is null) = (leased_until is null)", name="lease"),
    Index(
        "cards_queue_idx",
        *("campaign", text("level desc"), "turn", "initiative"),
        postgresql_where=text("state in ('open', 'second')"),
    ),
    Index("cards_group_idx", "campaign", "group_key", "level"),
    Index("cards_leased_by_idx", "leased_by", postgresql_where=text("leased_by is not null")),
    Index("cards_known_idx", "campaign", postgresql_where=text("known is not null")),
    Index("cards_arbitration_idx", "campaign", postgresql_where=text("state = 'arbitration'")),
)

answers = Table(  # every look of every person at a card, blind ones included; append-only
    "answers",
    metadata,
    _id(),
    _to("initiative", "initiatives.id"),
    _to("campaign", "campaigns.code"),
    _to("account", "accounts.id"),
    _text("look"),
    _text("kind"),
    _words("themes"),
    _at("at"),
    Column("seconds", Float, nullable=True),
    _text("model", default=""),
    _to("decision", "decisions.id", null=True),
    _text("key"),
    _at("undone_at", null=True),
    UniqueConstraint("key"),
    _one_of("look", Look),
    CheckConstraint("kind in ('approve', 'reject', 'skip')", name="kind"),
    Index("answers_initiative_idx", "initiative", "campaign"),
    Index("answers_account_idx", "account", text("id desc")),
    Index("answers_decision_idx", "decision"),
)

boxes = Table(  # saved filters of the queue
    "boxes",
    metadata,
    _id(),
    _to("account", "accounts.id"),
    _text("name"),
    _text("query"),  # the filters as written in the address
    UniqueConstraint("account", "name"),
)

# --- lists -----------------------------------------------------------------------------------

listings = Table(  # what lists show and search of an initiative; storage.lists keeps it up to date
    "listings",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    _text("title", default=""),
    _text("organiser", default=""),
    _text("commune_code", null=True),
    _text("commune_name", null=True),
    _text("department", null=True),
    Column("starts_on", Date, nullable=True),
    Column("ends_on", Date, nullable=True),
    Column("sort_on", Date, nullable=False, server_default="9999-12-31"),  # undated ones last
    _words("sources"),
    _words("marks"),  # "c:PAAT-2024" or "c:*", "t:PAAT-2024:heritage"
    Column("words", TSVECTOR, nullable=False),
    Index("listings_sort_on_idx", "sort_on", "initiative"),
    Index("listings_department_idx", "department", "initiative"),
    Index("listings_commune_code_idx", "commune_code", "initiative"),
    Index("listings_sources_idx", "sources", postgresql_using="gin"),
    Index("listings_marks_idx", "marks", postgresql_using="gin"),
    Index("listings_words_idx", "words", postgresql_using="gin"),
)

signing_keys = Table(  # what signs the links given to people; one a use, shared by every machine
    "signing_keys",
    metadata,
    Column("use", Text, primary_key=True),
    _text("secret"),
    _at("created_at"),
)
