"""Signing in as ProConnect has it, on a provider of loopback that lies in every known way."""

import base64
import hmac
import json
import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.errors import ConfigError
from domain.settings import Settings
from domain.statuses import Role
from review.app import create_app
from review.oidc import provider_of
from storage import accounts, identities
from tests.builders import NOW, later
from tests.provider import CLIENT, KEYS, SECRET, FakeProvider, signed
from tests.review import a_house, a_person, an_account

PUBLIC = "http://testserver"


@pytest.fixture
def provider():
    with FakeProvider() as found:
        yield found


@pytest.fixture
def lea(database):
    with database.begin() as conn:
        return an_account(conn, "lea", Role.REVIEWER, email="lea@exemple.fr")


def _settings(provider, **changes):
    values = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "public_url": PUBLIC,
        "oidc_trust_email": True,
    }
    return Settings(_env_file=None, **(values | changes))


def _somebody(database, provider, *, clock=lambda: NOW, **changes):
    """A browser, nobody signed in, before an application that knows the provider."""
    house = a_house(database, settings=_settings(provider, **changes), clock=clock)
    return a_person(house, None)


def _go(person, provider, suite="/"):
    """There and back; the answer to the coming back."""
    left = person.get(f"/connexion/identite?suite={suite}")
    assert left.status_code == 303, left.text
    return person.get(f"/connexion/identite/retour?{provider.authorize(left.headers['location'])}")


def test_an_agent_enters_by_their_address_once_then_by_their_identity(database, provider, lea):
    person = _somebody(database, provider)
    answer = _go(person, provider, "/file")
    assert (answer.status_code, answer.headers["location"]) == (303, "/file")
    assert person.get("/").status_code == 200
    provider.claims["email"] = "autre@exemple.fr"  # a change of address changes nobody
    again = _somebody(database, provider)
    assert _go(again, provider).status_code == 303
    with database.begin() as conn:
        assert identities.owner(conn, provider.issuer, "agent-42").id == lea.id
        [start, *_] = accounts.audits(conn, by="user:lea")
    assert start.details == {
        "issuer": provider.issuer,
        "acr": "eidas1",
        "siret": "13002526500013",
    }


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("pkce", [True, False])
def test_both_signatures_are_read_and_pkce_is_sent_when_announced(
    database, provider, lea, key, pkce
):
    provider.pkce = pkce
    provider.id_token = provider.user_info = lambda claims: signed(claims, key)
    assert _go(_somebody(database, provider), provider).status_code == 303


def test_user_info_may_be_plain_json(database, provider, lea):
    provider.user_info = None
    assert _go(_somebody(database, provider), provider).status_code == 303


def test_new_keys_are_asked_for_when_an_unknown_one_signs(database, provider, lea):
    person = _somebody(database, provider)
    assert _go(person, provider).status_code == 303
    provider.published_keys = ("new",)
    provider.id_token = provider.user_info = lambda claims: signed(claims, "new")
    assert _go(person, provider).status_code == 303
    assert [path for path, _ in provider.asked].count("/jwks") == 2


def _part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _none(claims):
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def _hs256(claims, secret, **header):
    text = f"{_part({'alg': 'HS256', **header})}.{_part(claims)}"
    return f"{text}.{_part(hmac.digest(secret, text.encode(), 'sha256'))}"


def _confused(claims):
    """HS256 with the public key, which everyone knows, as its secret."""
    return _hs256(claims, KEYS["rsa"].as_pem(private=False), kid="rsa")


def _tampered(claims):
    head, _, mark = signed(claims).split(".")
    forged = signed(claims | {"sub": "other"}, "stranger").split(".")[1]
    return f"{head}.{forged}.{mark}"


SECONDS = int(NOW.timestamp())
LIES = {
    "wrong nonce": {"extra": {"nonce": "n" * 43}},
    "no nonce": {"extra": {"nonce": None}},
    "wrong audience": {"extra": {"aud": "somebody-else"}},
    "several audiences, another's": {"extra": {"aud": [CLIENT, "x"], "azp": "x"}},
    "wrong issuer": {"extra": {"iss": "https://evil.example"}},
    "expired": {"extra": {"exp": SECONDS - 61, "iat": SECONDS - 200}},
    "no expiry": {"extra": {"exp": None}},
    "not yet valid": {"extra": {"nbf": SECONDS + 300}},
    "made in the future": {"extra": {"iat": SECONDS + 300}},
    "unknown key": {"id_token": lambda claims: signed(claims, "stranger")},
    "another's key under a known name": {
        "id_token": lambda claims: signed(claims, "stranger", kid="ec")
    },
    "alg none": {"id_token": _none},
    "HS256 with the public key": {"id_token": _confused},
    "HS256 with the client's secret": {"id_token": lambda claims: _hs256(claims, SECRET.encode())},
    "claims changed after signing": {"id_token": _tampered},
    "not a token": {"id_token": lambda _: "<html>"},
    "user info about another": {"told": {"sub": "agent-7"}},
    "user info of another issuer": {"told": {"iss": "https://evil.example"}},
    "user info by an unknown key": {"user_info": lambda claims: signed(claims, "stranger")},
    "user info unsigned": {"user_info": _none},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_opens_no_session_and_tells_no_secret(database, provider, lea, lie, caplog):
    caplog.set_level(logging.DEBUG)
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    person = _somebody(database, provider)
    answer = _go(person, provider)
    assert answer.status_code == 403, lie
    assert "n'a pas pu être vérifiée" in answer.text.replace("&#39;", "'")
    assert person.get("/").status_code == 303
    ours = [one.getMessage() for one in caplog.records if one.name != "httpx2"]  # not the browser
    assert any("GET /connexion/identite/retour" in line for line in ours)  # why, for who runs it
    told = "".join(ours) + answer.text
    for secret in (SECRET, "acces-secret", "code-0", "eyJ"):
        assert secret not in told


@pytest.mark.parametrize("seconds", [-50, 50])
def test_clocks_may_differ_by_a_minute(database, provider, lea, seconds):
    clock = lambda: NOW + timedelta(seconds=seconds)  # noqa: E731
    provider.extra = {"exp": SECONDS + 10}
    assert _go(_somebody(database, provider, clock=clock), provider).status_code == 303


def test_a_state_serves_once_in_the_browser_it_was_given_to_for_ten_minutes(
    database, provider, lea
):
    person, moment = _somebody(database, provider), NOW
    left = person.get("/connexion/identite")
    back = f"/connexion/identite/retour?{provider.authorize(left.headers['location'])}"
    state = person.client.cookies["paat-identite"]

    thief = _somebody(database, provider)
    assert thief.get(back).status_code == 403  # without the cookie
    assert person.get(back).status_code == 303
    person.client.cookies.set("paat-identite", state)
    assert person.get(back).status_code == 403  # replayed, cookie included
    assert person.get("/connexion/identite/retour?code=x").status_code == 403

    slow = _somebody(database, provider, clock=lambda: moment)
    left = slow.get("/connexion/identite")
    moment = later(minutes=11)
    query = provider.authorize(left.headers["location"])
    assert slow.get(f"/connexion/identite/retour?{query}").status_code == 403


def test_a_person_who_gives_up_there_is_told(database, provider, lea):
    person = _somebody(database, provider)
    state = parse_qs(urlsplit(person.get("/connexion/identite").headers["location"]).query)["state"]
    answer = person.get(f"/connexion/identite/retour?error=access_denied&state={state[0]}")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"]
)
def test_a_provider_that_is_down_is_told_and_passwords_still_work(database, provider, lea, path):
    provider.down.add(path)
    person = _somebody(database, provider)
    if path.startswith("/.well"):
        answer = person.get("/connexion/identite")
    else:
        answer = _go(person, provider)
    assert answer.status_code == 503
    assert "si vous avez un mot de passe" in answer.text
    assert 'name="mot_de_passe"' in person.get("/connexion").text


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ({"email": "inconnue@exemple.fr"}, "aucun compte ne porte cette adresse"),
        ({"email": ""}, "aucun compte ne porte cette adresse"),
        ({"email_verified": False}, "ne garantit pas cette adresse"),
    ],
)
def test_who_has_no_account_gets_none_and_is_told_whom_to_ask(
    database, provider, lea, prepare, words
):
    provider.claims |= prepare
    with database.begin() as conn:
        before = len(accounts.all_of(conn))
    person = _somebody(database, provider)
    answer = _go(person, provider)
    text = answer.text.replace("&#39;", "'")
    assert (answer.status_code, words in text, "demandez à votre administrateur" in text) == (
        *(403, True, True),
    )
    assert "SIRET 13002526500013" in text
    assert person.get("/").status_code == 303
    with database.begin() as conn:
        assert len(accounts.all_of(conn)) == before


def test_an_address_nobody_vouches_for_is_not_believed(database, provider, lea):
    person = _somebody(database, provider, oidc_trust_email=False)
    assert "ne garantit pas" in _go(person, provider).text
    provider.claims["email_verified"] = True
    assert _go(person, provider).status_code == 303


def test_a_closed_account_stays_closed(database, provider, lea):
    _go(_somebody(database, provider), provider)
    with database.begin() as conn:
        accounts.disable(conn, lea.id, NOW)
    person = _somebody(database, provider)
    answer = _go(person, provider)
    assert (answer.status_code, "Votre compte est fermé" in answer.text) == (403, True)
    assert person.get("/").status_code == 303


def test_an_account_tied_to_somebody_is_not_taken_by_another(database, provider, lea):
    _go(_somebody(database, provider), provider)
    provider.claims["sub"] = "agent-43"
    answer = _go(_somebody(database, provider), provider)
    assert (answer.status_code, "lié à une autre identité" in answer.text) == (403, True)
    with database.begin() as conn:
        identities.untie(conn, lea.id)
    assert _go(_somebody(database, provider), provider).status_code == 303


def test_two_accounts_with_one_address_are_nobody_s(database, provider, lea):
    with database.begin() as conn:
        an_account(conn, "autre", email="LEA@exemple.fr")
    assert "Plusieurs comptes" in _go(_somebody(database, provider), provider).text


def test_levels_and_establishments_can_be_required(database, provider, lea):
    person = _somebody(database, provider, oidc_acr="eidas2 eidas3")
    assert _go(person, provider).status_code == 403
    provider.claims["acr"] = "eidas2"
    assert _go(person, provider).status_code == 303
    away = _somebody(database, provider, oidc_sirets="21060088000015")
    assert _go(away, provider).status_code == 403


def test_leaving_ends_the_session_there_too_with_its_token(database, provider, lea):
    person = _somebody(database, provider)
    _go(person, provider)
    csrf = person.get("/mon-compte").text.split('name="jeton" value="')[1].split('"')[0]
    answer = person.post("/deconnexion", {"jeton": csrf})
    there = answer.text.split("0;url=")[1].split('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(there).query)
    assert there.startswith(f"{provider.issuer}/session/end?")
    assert asked["post_logout_redirect_uri"] == [f"{PUBLIC}/connexion/identite/adieu"]
    assert asked["id_token_hint"][0].count(".") == 2
    back = person.get("/connexion/identite/adieu?state=x")
    assert back.headers["location"] == "/connexion?quitte=1"
    assert person.get("/").status_code == 303


def test_nothing_of_it_shows_when_it_is_off(database):
    person = a_person(a_house(database), None)
    assert "identifier avec" not in person.get("/connexion").text
    assert person.get("/connexion/identite").status_code == 404


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"oidc_client_secret": None}, "PAAT_OIDC_CLIENT_SECRET"),
        ({"public_url": ""}, "PAAT_PUBLIC_URL"),
        ({"oidc_issuer": "http://pro.example/api/v2"}, "PAAT_OIDC_ISSUER"),
    ],
)
def test_half_a_configuration_is_refused_at_the_start(database, provider, changes, about):
    with pytest.raises(ConfigError) as caught:
        create_app(a_house(database, settings=_settings(provider, **changes)))
    assert caught.value.about == about


def test_a_document_of_another_issuer_is_refused(provider):
    settings = _settings(provider, oidc_issuer=f"{provider.issuer}/")
    asked = provider_of(settings, lambda: NOW)
    with pytest.raises(Exception, match="another issuer"):
        asked.leave_for(state="s" * 32, nonce="n" * 32, verifier="v" * 43)
