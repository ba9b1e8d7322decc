"""What people decide, and the queue that brings it to them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.statuses import CardState, DecisionKind, Look
from storage.tables.columns import (
    count,
    document,
    instant,
    link,
    metadata,
    one_of,
    serial,
    string,
    strings,
)

decisions = Table(
    "decisions",
    metadata,
    serial(),
    link("initiative", "initiatives.id"),
    link("campaign", "campaigns.code"),
    string("kind"),
    string("by"),
    instant("at"),
    document("value"),
    document("before"),
    string("motive", default=""),
    link("undoes", "decisions.id", null=True),
    string("key", null=True),
    UniqueConstraint("key"),
    UniqueConstraint("undoes"),
    one_of("kind", DecisionKind),
    CheckConstraint("(kind = 'undo') = (undoes is not null)", name="undoes"),
    Index("decisions_initiative_idx", "initiative", "id"),
    Index("decisions_campaign_idx", "campaign", "id"),
)

cards = Table(  # an initiative to review for a campaign, with what orders and filters the queue
    "cards",
    metadata,
    Column("initiative", ForeignKey("initiatives.id"), primary_key=True),
    Column("campaign", ForeignKey("campaigns.code"), primary_key=True),
    string("state", default="open"),
    Column("level", SmallInteger, nullable=False, server_default="0"),  # uncertainty, 0 to 2
    Column("turn", Integer, nullable=False, server_default="1"),  # rank in its group
    string("group_key", default=""),
    string("organiser_key", default=""),
    string("department", null=True),
    strings("sources"),
    strings("themes"),  # the chosen ones
    Column("doubled", Boolean, nullable=False, server_default=text("false")),
    Column("reopened", Boolean, nullable=False, server_default=text("false")),
    count("skips"),
    instant("entered_at"),
    Column("known", JSONB, nullable=True),  # {"kind", "themes"}: fit for a control
    link("leased_by", "accounts.id", null=True),
    instant("leased_until", null=True),
    one_of("state", CardState),
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
    serial(),
    link("initiative", "initiatives.id"),
    link("campaign", "campaigns.code"),
    link("account", "accounts.id"),
    string("look"),
    string("kind"),
    strings("themes"),
    instant("at"),
    Column("seconds", Float, nullable=True),
    string("model", default=""),
    link("decision", "decisions.id", null=True),
    string("key"),
    instant("undone_at", null=True),
    UniqueConstraint("key"),
    one_of("look", Look),
    CheckConstraint("kind in ('approve', 'reject', 'skip')", name="kind"),
    Index("answers_initiative_idx", "initiative", "campaign"),
    Index("answers_account_idx", "account", text("id desc")),
    Index("answers_decision_idx", "decision"),
)

boxes = Table(  # saved filters of the queue
    "boxes",
    metadata,
    serial(),
    link("account", "accounts.id"),
    string("name"),
    string("query"),  # the filters as written in the address
    UniqueConstraint("account", "name"),
)
