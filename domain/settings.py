"""One frozen record of settings, read once by a shell and passed down. Prefix `PAAT_`.

`.env.example` is generated from here (`paat doctor` does not write it: `make docs` does).
Secrets come by environment or file, never from a TOML of the project.
"""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="PAAT_", env_file=".env", frozen=True, extra="ignore"
    )

    home: Path = Field(
        Path(".paat"), description="Where the private PostgreSQL, snapshots and models live."
    )
    database_url: SecretStr | None = Field(
        None,
        description="postgresql://… of PostgreSQL ≥ 15; without it a private server is started.",
    )
    sources: Path = Field(Path("sources"), description="Folder of the sources' TOML files.")
    region: str = Field("93", description="INSEE code of the region; part of every identifier.")
    contact: str = Field(
        "contact@example.org",
        description="Address put in the User-Agent, so that a webmaster can reach you. ASCII.",
    )
    allow_loopback: bool = Field(
        False, description="Let sources live on 127.0.0.1. The demonstration needs it, you do not."
    )
    per_host_seconds: float = Field(
        2.0, ge=0, description="Seconds between two requests to one host (CNIL, politeness)."
    )
    shortest_hours: float = Field(
        3.0, gt=0, description="Hours between two visits of a source that publishes very often."
    )
    longest_hours: float = Field(
        168.0, gt=0, description="Hours between two visits of a source that publishes rarely."
    )
    concurrency: int = Field(32, ge=1, description="Hosts visited at the same time.")
    total_seconds: float = Field(
        20.0, gt=0, description="Seconds one request may take in all, redirects included."
    )
    max_bytes: int = Field(
        10_000_000, gt=0, description="Bytes one answer may weigh once decompressed."
    )
    parse_seconds: float = Field(
        10.0,
        ge=0,
        description="Seconds a document may take to be read before its reader is killed; 0 = read "
        "in the main process, where a document may hang the run.",
    )
    archive_days: int = Field(
        30,
        ge=0,
        description="Days the raw answers of sources are kept, to be read again with better rules; "
        "0 = none. The last good one of each source stays.",
    )
    parse_workers: int = Field(
        1, ge=1, description="Processes that read documents: one reads a region; two, 20 MB more."
    )
    host: str = Field("127.0.0.1", description="Address the review application listens on.")
    port: int = Field(8420, ge=0, le=65535, description="Its port; 0 = any free one.")
    public_url: str = Field(
        "", description="Public address of the application, for links in exports and e-mails."
    )
    oidc_issuer: str = Field(
        "",
        description="Identity provider people may sign in with, as its discovery document names "
        "itself (ProConnect: https://…/api/v2); empty: passwords only.",
    )
    oidc_client_id: str = Field("", description="Our name at the identity provider.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="The secret it gave us; by environment or .env, never in a file kept."
    )
    oidc_title: str = Field("ProConnect", description="What the sign-in button calls it.")
    oidc_scopes: str = Field(
        "openid given_name usual_name email siret",
        description="What is asked of it, separated by spaces.",
    )
    oidc_acr: str = Field(
        "",
        description="Levels of assurance accepted, separated by spaces (eidas1 eidas2…); "
        "empty: any.",
    )
    oidc_sirets: str = Field(
        "",
        description="SIRET of the establishments whose agents may enter, separated by spaces; "
        "empty: any. An account is needed anyway.",
    )
    oidc_trust_email: bool = Field(
        False,
        description="Recognise an account by the address of a provider that does not say "
        "`email_verified` (ProConnect: its agents' directories answer for it).",
    )
    theme_dir: Path | None = Field(
        None, description="Folder of your own look: templates/ and static/theme.css override ours."
    )
    public_campaign: str = Field(
        "", description="Campaign /recensement opens on; empty: the one of the day."
    )
    public_proposed: bool = Field(
        False,
        description="Show on the public site what no reviewer has approved yet, marked as such.",
    )
    map_tiles: str = Field(
        "",
        description="Address of map tiles, {z} {x} {y}: IGN's WMTS, say; empty: no background.",
    )
    map_credit: str = Field("© IGN", description="Who the tiles are from, shown on the map.")
    engine: str = Field(
        "",
        description="Second opinion on themes (docs/themes.md): embeddings:MODEL for a model of "
        "sentence-transformers or model2vec, endpoint:MODEL for a server; empty: none.",
    )
    engine_url: str = Field(
        "", description="Address of that server, OpenAI-compatible, ending in /v1."
    )
    engine_key: SecretStr | None = Field(
        None, description="The key it gave; by environment or .env, never in a file kept."
    )
    engine_budget: int = Field(
        500, ge=0, description="Questions one run may put to it; beyond, it has no opinion."
    )
    shard_sources: int = Field(
        25, ge=1, description="Sources a run of Prefect visits; the others go to other runs."
    )
    prefect_port: int = Field(4200, description="Port of the Prefect server `paat up` starts.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")


def load_settings() -> Settings:
    """The settings of this process. Raises ConfigError naming the variable and what to write."""
    from pydantic import ValidationError

    from domain.errors import ConfigError

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "PAAT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(
            f"{first['input']!r} là où une autre valeur est attendue "
            f"({first['msg']}) ; corrigez {name}",
            about=name,
        ) from None


def env_example() -> str:
    """The text of `.env.example`: each setting with its reason and default."""
    lines = ["# Generated by `make docs` from domain/settings.py: do not edit.", ""]
    for name, info in Settings.model_fields.items():
        default = "" if info.default is None else info.default
        lines += [f"# {info.description}", f"# PAAT_{name.upper()}={default}", ""]
    return "\n".join(lines)
