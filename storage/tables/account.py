"""Those who sign in, how, and what is kept of what they do."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from domain.statuses import Role
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

accounts = Table(
    "accounts",
    metadata,
    serial(),
    string("name"),  # what one signs in with; folded, unique
    string("full_name", default=""),
    string("email", null=True),
    string("role"),
    string("password_hash", null=True),  # null = never chosen yet
    strings("departments"),  # empty = the whole region
    string("organisation", default=""),  # one does not decide upon one's own
    document("preferences"),
    string("issuer", null=True),  # OIDC identity: (issuer, subject), never the e-mail alone
    string("subject", null=True),
    count("failures"),
    instant("locked_until", null=True),
    instant("created_at"),
    instant("disabled_at", null=True),
    UniqueConstraint("name"),
    UniqueConstraint("issuer", "subject"),
    one_of("role", Role),
)

account_links = Table(  # one-time links to choose a password
    "account_links",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    link("account", "accounts.id"),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", null=True),
    Index("account_links_account_idx", "account"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    link("account", "accounts.id"),
    string("csrf"),
    string("address", default=""),  # truncated: the network, not the person
    string("agent", default=""),
    instant("created_at"),
    instant("seen_at"),
    instant("expires_at"),
    instant("revoked_at", null=True),
    string("id_token", null=True),  # of the identity provider: it ends its session too
    Index("sessions_account_idx", "account"),
)

sign_ins = Table(  # browsers gone to the identity provider, until they come back
    "sign_ins",
    metadata,
    Column("state_sha256", Text, primary_key=True),
    string("nonce"),
    string("verifier"),
    string("next"),
    instant("expires_at"),
)

signing_keys = Table(  # what signs the links given to people; one a use, shared by every machine
    "signing_keys",
    metadata,
    Column("use", Text, primary_key=True),
    string("secret"),
    instant("created_at"),
)

forgotten = Table(  # people who asked for it: SHA-256 of their e-mail or number, nothing else
    "forgotten",
    metadata,
    Column("mark", Text, primary_key=True),
    string("kind"),
    instant("at"),
)

audits = Table(  # who did what to accounts, settings and data; append-only
    "audits",
    metadata,
    serial(),
    instant("at"),
    string("by"),  # "user:<name>", "system"
    string("action"),
    string("about", default=""),
    document("details"),
    Index("audits_at_idx", text("at desc")),
)
