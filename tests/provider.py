"""An identity provider on loopback that speaks as ProConnect does, and lies on request.

with FakeProvider() as provider:
    provider.claims["email"] = "lea@exemple.fr"      # what its tokens say
    provider.id_token = lambda claims: …             # a token of one's own
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from review.oidc import challenge
from tests.builders import NOW

CLIENT, SECRET = "paat-client", "un-secret-tres-secret"
KEYS = {
    "rsa": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ec": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "new": ECKey.generate_key("P-256", {"kid": "new", "use": "sig"}),
    "stranger": ECKey.generate_key("P-256", {"kid": "stranger", "use": "sig"}),
}
ALGORITHM = {"rsa": "RS256"}


def signed(claims: dict[str, Any], key: str = "ec", **header: Any) -> str:
    alg = ALGORITHM.get(key, "ES256")
    return jwt.encode({"alg": alg, "kid": key, **header}, claims, KEYS[key])


@dataclass
class FakeProvider:
    """What it says can be changed field by field between two requests."""

    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "agent-42",
            "email": "Lea@Exemple.fr",
            "given_name": "Léa",
            "usual_name": "Martin",
            "siret": "13002526500013",
            "acr": "eidas1",
        }
    )
    published_keys: tuple[str, ...] = ("rsa", "ec")
    pkce: bool = True
    extra: dict[str, Any] = field(default_factory=dict)  # over the claims of the ID token
    id_token: Callable[[dict[str, Any]], str] = signed
    user_info: Callable[[dict[str, Any]], str] | None = signed  # None = plain JSON
    told: dict[str, Any] = field(default_factory=dict)  # over the claims of user info
    down: set[str] = field(default_factory=set)  # paths that answer 503
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, "")

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                provider.answer(self, self.rfile.read(length).decode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/api/v2"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, address: str) -> str:
        """What the browser does there: the query it comes back with. Unknown names are refused."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        known = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims"}
        if self.pkce:
            known |= {"code_challenge", "code_challenge_method"}
        assert asked.keys() <= known, "Y000400"
        assert len(asked["state"]) >= 32 <= len(asked["nonce"])
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        path = urlsplit(handler.path).path.removeprefix("/api/v2")
        sent = {k: v[0] for k, v in parse_qs(body).items()}
        self.asked.append((path, sent))
        if path in self.down:
            self._send(handler, b"", "text/plain", 503)
        elif path == "/.well-known/openid-configuration":
            self._json(handler, self._document())
        elif path == "/jwks":
            keys = [KEYS[name].as_dict(private=False) for name in self.published_keys]
            self._json(handler, {"keys": keys})
        elif path == "/token":
            self._token(handler, sent)
        elif path == "/userinfo":
            self._userinfo(handler)
        else:
            self._send(handler, b"", "text/plain", 404)

    def _document(self) -> dict[str, Any]:
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        found: dict[str, Any] = {n: f"{self.issuer}/{n.split('_')[0]}" for n in names}
        found |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        found["end_session_endpoint"] = f"{self.issuer}/session/end"
        if self.pkce:
            found["code_challenge_methods_supported"] = ["S256"]
        return found

    def _token(self, handler: BaseHTTPRequestHandler, sent: dict[str, str]) -> None:
        asked = self._codes.pop(sent.get("code", ""), None)
        right = (
            asked is not None
            and (sent["client_id"], sent["client_secret"]) == (CLIENT, SECRET)
            and sent["redirect_uri"] == asked["redirect_uri"]
            and (not self.pkce or challenge(sent["code_verifier"]) == asked["code_challenge"])
        )
        if not right or asked is None:
            self._json(handler, {"error": "invalid_grant"}, 400)
            return
        now = int(NOW.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.claims["sub"],
            "acr": self.claims["acr"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 60,
        }
        token = self.id_token({k: v for k, v in (claims | self.extra).items() if v is not None})
        self._json(handler, {"access_token": "acces-secret", "id_token": token})

    def _userinfo(self, handler: BaseHTTPRequestHandler) -> None:
        assert handler.headers["authorization"] == "Bearer acces-secret"
        told = {"iss": self.issuer, "aud": CLIENT, **self.claims, **self.told}
        if self.user_info is None:
            self._json(handler, told)
            return
        self._send(handler, self.user_info(told).encode(), "application/jwt")

    def _json(self, handler: BaseHTTPRequestHandler, value: Any, status: int = 200) -> None:
        self._send(handler, json.dumps(value).encode(), "application/json", status)

    def _send(
        self, handler: BaseHTTPRequestHandler, body: bytes, kind: str, status: int = 200
    ) -> None:
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
