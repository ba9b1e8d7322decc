"""An identity provider (OpenID Connect, authorization code), as ProConnect speaks it.

Read: OpenID Connect Core 1.0 §3.1, Discovery 1.0, RFC 7636 (PKCE), RFC 8725 (JWT), and ProConnect's
doc_fs/implementation_technique.md: `state` and `nonce` of 32 characters at least, any unknown
parameter refused (Y000400), /userinfo answered as a signed JWT. Its answers are never trusted
before their signature, and nothing secret is ever put in a message.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from domain.errors import ConfigError, ReviewError
from domain.identifiers import siret
from domain.records import Json
from domain.settings import Settings

RETURN, GOODBYE = "/connexion/identite/retour", "/connexion/identite/adieu"
ALGORITHMS = ("RS256", "ES256")  # never `none`, nor HS256 whose key everyone would know
SKEW_SECONDS = 60
TIMEOUT_SECONDS = 30.0
MOST_BYTES = 500_000
KEEP_SECONDS = 3600  # a discovery document, keys; an unknown key asks for them again


class Unproven(ReviewError):
    french = (
        "Votre identité n'a pas pu être vérifiée. Recommencez la connexion ; si cela persiste, "
        "prévenez votre administrateur."
    )


class ProviderDown(ReviewError):
    retry = True
    french = (
        "Le service d'identité ne répond pas. Réessayez dans quelques minutes ; "
        "si vous avez un mot de passe, il marche toujours."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the provider says it is. `email_verified` is None when it does not say."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool | None = None
    name: str = ""
    siret: str | None = None
    acr: str = ""
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    kind: str  # media type


@dataclass(slots=True, kw_only=True)
class Provider:
    """The provider of the settings; what it publishes is asked once and kept an hour."""

    settings: Settings
    clock: Callable[[], datetime]
    _known: dict[str, tuple[datetime, Any]] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        return self.settings.oidc_title

    def leave_for(self, *, state: str, nonce: str, verifier: str) -> str:
        """The address to send the browser to. Raises ProviderDown."""
        published = self._published()
        asked = {
            "response_type": "code",
            "client_id": self.settings.oidc_client_id,
            "redirect_uri": self._ours(RETURN),
            "scope": self.settings.oidc_scopes,
            "state": state,
            "nonce": nonce,
        }
        if levels := self.settings.oidc_acr.split():
            wanted = {"id_token": {"acr": {"essential": True, "values": levels}}}
            asked["claims"] = json.dumps(wanted, separators=(",", ":"))
        if _pkce(published):
            asked |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
        return f"{_address(published, 'authorization_endpoint')}?{urlencode(asked)}"

    def identity(self, code: str, *, nonce: str, verifier: str) -> Identity:
        """Who came back with that code. Raises Unproven or ProviderDown."""
        published = self._published()
        secret = self.settings.oidc_client_secret
        given = {
            "grant_type": "authorization_code",
            "client_id": self.settings.oidc_client_id,
            "client_secret": secret.get_secret_value() if secret else "",
            "redirect_uri": self._ours(RETURN),
            "code": code,
        }
        if _pkce(published):
            given["code_verifier"] = verifier
        tokens = _json(_ask(_address(published, "token_endpoint"), data=given))
        id_token, access = str(tokens.get("id_token", "")), str(tokens.get("access_token", ""))
        claims = self._claims(id_token, published, required=("exp", "iat", "nonce"))
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise Unproven("an ID token with another nonce than ours")
        self._level(claims)
        told = self._told(access, published)
        if told.get("sub") != claims["sub"]:
            raise Unproven("user info about somebody else than the ID token")
        return self._identity({**claims, **told}, acr=str(claims.get("acr", "")), token=id_token)

    def goodbye(self, id_token: str, state: str) -> str | None:
        """The address that ends the session there too; None when the provider has none."""
        published = self._published()
        if "end_session_endpoint" not in published:
            return None
        asked = {
            "id_token_hint": id_token,
            "state": state,
            "post_logout_redirect_uri": self._ours(GOODBYE),
        }
        return f"{_address(published, 'end_session_endpoint')}?{urlencode(asked)}"

    # --- what it says ------------------------------------------------------------------------

    def _identity(self, claims: Mapping[str, Json], *, acr: str, token: str) -> Identity:
        number = siret(str(claims.get("siret") or ""))
        wanted = self.settings.oidc_sirets.split()
        if wanted and number not in wanted:
            raise Unproven(f"an agent of {number} where one of PAAT_OIDC_SIRETS was expected")
        names = (claims.get("given_name"), claims.get("usual_name") or claims.get("family_name"))
        verified = claims.get("email_verified")
        return Identity(
            issuer=self.settings.oidc_issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email") or "")[:300],
            email_verified=verified if isinstance(verified, bool) else None,
            name=" ".join(str(one) for one in names if one)[:200],
            siret=number,
            acr=acr,
            id_token=token,
        )

    def _level(self, claims: Mapping[str, Json]) -> None:
        levels = self.settings.oidc_acr.split()
        if levels and claims.get("acr") not in levels:
            raise Unproven(f"level {claims.get('acr')!r} where one of {levels} was expected")

    def _told(self, access: str, published: Mapping[str, Json]) -> dict[str, Json]:
        """User info: a signed JWT (ProConnect), or JSON."""
        address = _address(published, "userinfo_endpoint")
        answer = _ask(address, headers={"authorization": f"Bearer {access}"})
        if answer.kind == "application/jwt":
            text = answer.body.decode("ascii", "replace").strip()
            return self._claims(text, published)
        return _json(answer)

    def _claims(
        self, token: str, published: Mapping[str, Json], *, required: tuple[str, ...] = ()
    ) -> dict[str, Json]:
        """What a token of the provider, meant for us and of now, says. Raises Unproven."""
        try:
            try:
                read = jwt.decode(token, self._keys(published), algorithms=list(ALGORITHMS))
            except InvalidKeyIdError:  # its keys have changed: they are asked again, once
                self._known.pop("keys", None)
                read = jwt.decode(token, self._keys(published), algorithms=list(ALGORITHMS))
            claims = read.claims
            jwt.JWTClaimsRegistry(
                now=int(self.clock().timestamp()),
                leeway=SKEW_SECONDS,
                iss={"essential": True, "value": self.settings.oidc_issuer},
                aud={"essential": True, "value": self.settings.oidc_client_id},
                sub={"essential": True},
            ).validate(claims)
            if lacking := [name for name in required if not claims.get(name)]:
                raise Unproven(f"an ID token without {', '.join(lacking)}")
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            # joserfc's message may quote the token: only its kind is told
            raise Unproven(f"a token that is not right ({type(error).__name__})") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if several and claims.get("azp") != self.settings.oidc_client_id:
            raise Unproven("a token made for another client")
        return dict(claims)

    # --- what it publishes -------------------------------------------------------------------

    def _published(self) -> dict[str, Json]:
        def ask() -> dict[str, Json]:
            issuer = self.settings.oidc_issuer
            found = _json(_ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
            if found.get("issuer") != issuer:
                raise Unproven("a discovery document of another issuer; correct PAAT_OIDC_ISSUER")
            return found

        published: dict[str, Json] = self._kept("published", ask)
        return published

    def _keys(self, published: Mapping[str, Json]) -> KeySet:
        def ask() -> KeySet:
            given = _json(_ask(_address(published, "jwks_uri"))).get("keys") or []
            signing = [k for k in given if k.get("kty") in ("RSA", "EC") and k.get("use") != "enc"]
            return KeySet.import_key_set({"keys": signing})

        keys: KeySet = self._kept("keys", ask)
        return keys

    def _kept(self, name: str, ask: Callable[[], Any]) -> Any:
        now = self.clock()
        then, value = self._known.get(name, (None, None))
        if then is None or (now - then).total_seconds() > KEEP_SECONDS:
            value = ask()
            self._known[name] = (now, value)
        return value

    def _ours(self, path: str) -> str:
        return self.settings.public_url.rstrip("/") + path


def provider_of(settings: Settings, clock: Callable[[], datetime]) -> Provider | None:
    """The provider of the settings; None without one. Raises ConfigError naming what lacks."""
    if not settings.oidc_issuer:
        return None
    for name in ("oidc_client_id", "oidc_client_secret", "public_url"):
        if not getattr(settings, name):
            raise ConfigError(
                f"nothing where PAAT_OIDC_ISSUER needs a value; set PAAT_{name.upper()}",
                about=f"PAAT_{name.upper()}",
            )
    if not _trusty(settings.oidc_issuer):
        raise ConfigError(
            f"{settings.oidc_issuer!r} where an https:// address was expected; correct it",
            about="PAAT_OIDC_ISSUER",
        )
    return Provider(settings=settings, clock=clock)


def challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _pkce(published: Mapping[str, Json]) -> bool:
    # Only when announced: ProConnect refuses any parameter it does not know (decision 0170).
    return "S256" in (published.get("code_challenge_methods_supported") or ())


def _trusty(address: str) -> bool:
    """HTTPS; or this very machine, where tests are."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")


def _address(published: Mapping[str, Json], name: str) -> str:
    address = str(published.get(name) or "")
    if not _trusty(address):
        raise Unproven(f"no https address under {name} in the discovery document")
    return address


def _json(answer: _Answer) -> dict[str, Json]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        raise Unproven("an answer that is not JSON") from None
    if not isinstance(found, dict):
        raise Unproven("an answer that is not a JSON object")
    return found


def _ask(
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> _Answer:
    """One request, redirects not followed. Raises ProviderDown (no answer, 5xx), Unproven (4xx)."""
    where = f"{urlsplit(url).netloc}{urlsplit(url).path}"
    try:
        status, answer = asyncio.run(_exchange(url, data=data, headers=headers))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ProviderDown(f"{where}: no answer ({type(error).__name__})") from None
    if status >= 500 or status == 429:
        raise ProviderDown(f"{where}: HTTP {status}")
    if status != 200:
        raise Unproven(f"{where}: HTTP {status} where 200 was expected")
    if len(answer.body) > MOST_BYTES:
        raise Unproven(f"{where}: more than {MOST_BYTES} bytes")
    return answer


async def _exchange(
    url: str, *, data: Mapping[str, str] | None, headers: Mapping[str, str] | None
) -> tuple[int, _Answer]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.request(
            "GET" if data is None else "POST",
            url,
            data=data,
            headers=headers,
            allow_redirects=False,
        ) as answer,
    ):
        body = await answer.content.read(MOST_BYTES + 1)
        while len(body) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
            body += more
        return answer.status, _Answer(body, answer.content_type)
