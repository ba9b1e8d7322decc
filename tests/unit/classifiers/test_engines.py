"""Optional engines, on local stand-ins."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from classifiers.cold import rules_model
from classifiers.engines import blend
from classifiers.engines.embeddings import encoder, train
from classifiers.engines.endpoint import Endpoint, parse
from classifiers.engines.personal import redact
from classifiers.evaluate import Predicted, report
from classifiers.model import HEADS, Floats
from classifiers.suggest import Text, suggest
from classifiers.train import Example
from domain.errors import ConfigError

ANSWER = dict.fromkeys(HEADS, 0.05) | {"heritage": 0.97}


class _Server(http.server.BaseHTTPRequestHandler):
    """Answers like a chat completion; what it saw and what it must say live on the server."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(body)  # type: ignore[attr-defined]
        status, content, *more = self.server.says  # type: ignore[attr-defined]
        if self.server.busy:  # type: ignore[attr-defined]
            status, more = 429, [{"Retry-After": self.server.busy.pop()}]  # type: ignore[attr-defined]
        whole = {"choices": [{"message": {"content": content}}]}
        data = content.encode() if "raw" in more else json.dumps(whole).encode()
        self.send_response(status)
        for name, value in next((m for m in more if isinstance(m, dict)), {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as one:
        one.seen, one.says, one.busy = [], (200, json.dumps(ANSWER)), []  # type: ignore[attr-defined]
        thread = threading.Thread(target=one.serve_forever, args=(0.02,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def _engine(server: http.server.HTTPServer, **more: object) -> Endpoint:
    return Endpoint(f"http://127.0.0.1:{server.server_port}/v1", "petit", **more)  # type: ignore[arg-type]


def test_an_endpoint_gives_an_opinion_once_and_remembers_it(
    server: http.server.HTTPServer, tmp_path: Path
) -> None:
    engine = _engine(server, cache=tmp_path)
    for _ in range(2):
        found = engine.chances([("Le vieux stade", "")])
        assert found[0, HEADS.index("heritage")] == 0.97
    assert len(server.seen) == 1  # type: ignore[attr-defined]


PERSONAL = [
    ("Écrire à zoe.truc+fete@exemple.fr.", "zoe.truc"),
    ("Tél. 06 12 34 56 78", "12 34"),
    ("ou +33 (0)6-12-34-56-78", "34-56"),
    ("au 0612345678 le soir", "0612345678"),
    ("Fiche : https://x.fr/p?nom=martin", "x.fr"),
    ("Mme Zoé Martin vous attend", "Martin"),
    ("animé par Dr Le Goff", "Goff"),
    ("Contact : Ismène Brun-Vallier", "Brun"),
    ("la trésorière, Ondine Karoui", "Karoui"),
    ("Zéphyrine MARTIN reçoit", "MARTIN"),
    ("Marie-Laure de Rochebrune raconte", "Rochebrune"),
    ("Suivez @zoe_truc", "zoe_truc"),
]


@pytest.mark.parametrize(("text", "person"), PERSONAL)
def test_what_is_personal_is_blanked(text: str, person: str) -> None:
    assert person in text
    assert person not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Loto de 1936",
        "La Maison pour tous de Gap recherche des bénévoles le 12 juin à 14 h 30",
        "Semaine olympique et paralympique, du 3 au 8 avril 2023",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redact(text) == text


def test_nothing_personal_leaves_the_house(server: http.server.HTTPServer) -> None:
    _engine(server).chances([("Fête", " ; ".join(text for text, _ in PERSONAL))])
    sent = json.dumps(server.seen, ensure_ascii=False)  # type: ignore[attr-defined]
    assert [person for _, person in PERSONAL if person in sent] == []
    assert "Fête" in sent


def test_a_busy_server_is_asked_again_once_it_may_be(server: http.server.HTTPServer) -> None:
    server.busy = ["0"]  # type: ignore[attr-defined]
    assert not np.isnan(_engine(server).chances([("a", "")])).any()
    assert len(server.seen) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("busy", [["0", "0"], ["3600"]])
def test_a_server_too_busy_has_no_opinion(server: http.server.HTTPServer, busy: list[str]) -> None:
    server.busy = busy  # type: ignore[attr-defined]
    assert np.isnan(_engine(server).chances([("a", "")])).all()


def test_what_was_not_an_answer_is_not_remembered(
    server: http.server.HTTPServer, tmp_path: Path
) -> None:
    engine = _engine(server, cache=tmp_path)
    server.says = (200, "{}", "raw")  # type: ignore[attr-defined]
    assert np.isnan(engine.chances([("a", "")])).all()
    server.says = (200, json.dumps(ANSWER))  # type: ignore[attr-defined]
    assert not np.isnan(engine.chances([("a", "")])).any()


@pytest.mark.parametrize(
    "says",
    [
        (500, ""),
        (200, '{"error": {"message": "model overloaded", "code": 503}}', "raw"),
        (200, "<html>Maintenance</html>", "raw"),
        (200, "", "raw"),
        (200, '{"choices": []}', "raw"),
        (200, "Bien sûr ! Voici : {}"),
        (200, json.dumps(ANSWER)[:40]),
        (200, json.dumps(ANSWER | {"heritage": 2})),
        (200, json.dumps({"heritage": 1})),
    ],
)
def test_anything_but_strict_json_is_no_opinion(
    server: http.server.HTTPServer, says: tuple[int, str]
) -> None:
    server.says = says  # type: ignore[attr-defined]
    assert np.isnan(_engine(server).chances([("a", "")])).all()


def test_the_budget_is_kept(server: http.server.HTTPServer) -> None:
    found = _engine(server, requests_left=1, concurrency=1).chances([("a", ""), ("b", "")])
    assert np.isnan(found).all(axis=1).tolist() == [False, True]
    assert len(server.seen) == 1  # type: ignore[attr-defined]


def test_a_refused_key_is_told(server: http.server.HTTPServer) -> None:
    server.says = (401, "")  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="HTTP 401"):
        _engine(server, key="wrong").chances([("a", "")])
    assert "wrong" not in repr(_engine(server, key="wrong"))


def test_an_engine_is_off_unless_given_and_then_named(server: http.server.HTTPServer) -> None:
    texts = [Text(id="x", title="Le vieux stade du village")]
    (alone,) = suggest(texts, model=rules_model())
    (both,) = suggest(texts, model=rules_model(), engine=_engine(server))
    heritage = HEADS.index("heritage")
    assert both[heritage].p > alone[heritage].p
    assert both[0].model.endswith("+endpoint:petit")
    assert "endpoint" not in alone[0].model


def test_an_opinion_moves_the_model_only_where_there_is_one() -> None:
    odds = np.array([[0.0, -2.0]])
    found = blend(odds, np.array([[0.9, np.nan]]), 0.5)
    assert found[0, 0] > 0
    assert found[0, 1] == -2.0


def _letters(texts: list[str]) -> Floats:
    """A stand-in encoder: how often each letter occurs."""
    return np.array([[t.casefold().count(chr(97 + i)) for i in range(26)] for t in texts], float)


def test_vectors_learn_the_heads_and_are_evaluated_like_a_model() -> None:
    examples = [
        Example(id=f"{w}{i}", title=w * 3 + str(i), themes=frozenset({s} if s else ()), scope="no")
        for i in range(8)
        for w, s in (("zzyzx ", "heritage"), ("baobab ", None))
    ]
    engine = train(_letters, examples, name="lettres")
    chances = engine.chances([(e.title, e.text) for e in examples])
    found = report(engine.name, examples, Predicted(chances, chances >= 0.5))
    assert found.scores["heritage"].f1 == 1.0


def test_a_missing_library_is_told() -> None:
    with pytest.raises(ConfigError, match="ni model2vec ni sentence-transformers"):
        encoder("quelque/modele")


def test_only_probabilities_are_read() -> None:
    assert parse(json.dumps(ANSWER | {"heritage": True})) is None
    assert parse("[]") is None
