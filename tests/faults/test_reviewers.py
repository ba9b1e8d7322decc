"""Many reviewers at their browsers, and a server killed with -9 then started again in the middle:
every card is decided once, by whoever was told so.
"""

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from domain.statuses import DecisionKind
from domain.times import system_clock
from storage import tables
from tests.review import CAMPAIGN, a_session, an_account, stored_cards
from tests.serving import Served

HIDDEN = re.compile('type="hidden" name="([a-z]+)" value="([^"]*)"')
KIND = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


class Reviewer:
    """What queue.js does: cards by eight, the same form again when the network fails."""

    def __init__(self, number: int, port: int, cookie: str, noted: Callable[[], None]) -> None:
        self.noted = noted  # called after each decision the server acknowledged
        self.here = f"127.0.0.{number + 2}"  # each one their own address, as rate limits see it
        self.port = port
        self.headers = {"cookie": f"paat={cookie}", "sec-fetch-site": "same-origin"}
        self.told: dict[str, int] = {}  # initiative → the decision the server acknowledged
        self.refused: list[tuple[int, str]] = []
        self.failures = 0
        self.wire: http.client.HTTPConnection | None = None

    def work(self) -> None:
        while True:
            status, page = self.ask("GET", f"/file/cartes?campagne={CAMPAIGN}")
            assert status == 200, page
            forms = [dict(HIDDEN.findall(one)) for one in re.findall("<form.*?</form>", page, re.S)]
            if not forms:
                self.close()
                return
            for form in forms:
                self.decide(form)

    def close(self) -> None:
        if self.wire is not None:
            self.wire.close()
            self.wire = None

    def decide(self, form: dict[str, str]) -> None:
        data = urlencode(form | {"acte": "approve", "themes": "heritage"})
        status, said = self.ask("POST", "/file/decision", data)
        if status == 200:
            self.told[form["initiative"]] = int(re.findall(r'"decision":(\d+)', said)[0])
            self.noted()
        else:
            self.refused.append((status, said))

    def ask(self, method: str, path: str, data: str | None = None) -> tuple[int, str]:
        """Until it answers: nobody gives up before ten minutes."""
        deadline = time.monotonic() + 600
        while True:
            try:
                if self.wire is None:
                    self.wire = http.client.HTTPConnection(
                        "127.0.0.1", self.port, timeout=600, source_address=(self.here, 0)
                    )
                self.wire.request(method, path, data, self.headers | (KIND if data else {}))
                answer = self.wire.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.failures += 1
                self.close()
                assert time.monotonic() < deadline, "the server does not come back"
                time.sleep(0.05)


@pytest.mark.parametrize(
    ("people", "cards"),
    [  # two starts of the application: with the browser's tests, which CI runs apart
        pytest.param(3, 60, marks=pytest.mark.browser),
        pytest.param(16, 4000, marks=pytest.mark.slow),
    ],
    ids=["three", "sixteen"],
)
def test_no_double_and_no_loss_when_the_server_is_killed_in_the_middle(
    database, tmp_path, people, cards
):
    with database.begin() as conn:
        for _ in range(0, cards, 500):
            stored_cards(conn, min(cards, 500))
        now = system_clock()
        cookies = [a_session(conn, an_account(conn, f"r{n}"), now)[0] for n in range(people)]
    one_at_a_time, killed = threading.Lock(), threading.Event()

    def kill_at_half() -> None:
        with one_at_a_time:
            if not killed.is_set() and sum(len(one.told) for one in crew) >= cards // 2:
                served.kill()
                killed.set()

    with Served(database.url, tmp_path / "paat") as served:
        crew = [Reviewer(n, served.port, one, kill_at_half) for n, one in enumerate(cookies)]
        threads = [threading.Thread(target=one.work, daemon=True) for one in crew]
        for one in threads:
            one.start()
        while not killed.wait(1):
            assert any(one.is_alive() for one in threads), [one.refused for one in crew]
        served.start()
        for one in threads:
            one.join(600)
            assert not one.is_alive()
    with database.begin() as conn:
        kept = conn.execute(tables.decisions.select()).all()
        answers = conn.execute(tables.answers.select()).all()
    assert [one.refused for one in crew if one.refused] == []
    assert sum(one.failures for one in crew) > 0  # the kill was felt
    doubles = {i: n for i, n in Counter(one.initiative for one in kept).items() if n > 1}
    assert doubles == {}
    assert {one.kind for one in kept} == {DecisionKind.APPROVE}
    assert len(kept) == len(answers) == cards
    acknowledged = {name: number for one in crew for name, number in one.told.items()}
    assert acknowledged == {one.initiative: one.id for one in kept}
    assert sum(len(one.told) for one in crew) == cards
