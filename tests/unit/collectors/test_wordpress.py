"""WordPress sites against a server that pages, refuses and closes as they do."""

from datetime import timedelta
from typing import Any

from domain.statuses import Outcome
from tests.builders import NOW
from tests.visits import as_json, one_visit, query, visits
from tests.web import Asked, Web, answer

HOME = "/site/"
POSTS = "/site/wp-json/wp/v2/posts"


def a_post(number: int, **changes: Any) -> dict[str, Any]:
    stamp = (NOW - timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "id": number,
        "date_gmt": stamp,
        "modified_gmt": stamp,
        "link": f"https://ville.example/{number}/",
        "title": {"rendered": f"F&ecirc;te n&deg; {number}"},
        "content": {"rendered": f"<p>Le 3 juin 2027, fête {number}.</p>"},
        "excerpt": {"rendered": ""},
        **changes,
    }


def rest(web: Web, posts: list[dict[str, Any]], path: str = POSTS, *, told: bool = True) -> None:
    """The REST API of WordPress: 100 a page, 400 past the last one."""

    async def handler(asked: Asked) -> bytes:
        size, page = int(query(asked)["per_page"]), int(query(asked)["page"])
        pages = max(1, -(-len(posts) // size))
        if page > pages:
            code = {"code": "rest_post_invalid_page_number", "message": "Numéro de page invalide."}
            return as_json(code, "400 Bad Request")
        own = {"X_WP_Total": str(len(posts)), "X_WP_TotalPages": str(pages)} if told else {}
        ordered = sorted(posts, key=lambda one: str(one["modified_gmt"]), reverse=True)
        return as_json(ordered[(page - 1) * size : page * size], **own)

    web.on(path, handler)


def test_every_page_is_read_and_titles_are_unescaped() -> None:
    harvest, web = one_visit(
        lambda web: rest(web, [a_post(n) for n in range(1, 251)]), "wordpress", HOME
    )
    assert harvest.visit.outcome is Outcome.OK
    assert len({one.key for one in harvest.items}) == 250
    assert harvest.items[0].fields["title"] == "Fête n° 1"
    assert len(web.asked(POSTS)) == 3


def test_a_server_that_hides_its_totals_is_read_up_to_its_refusal() -> None:
    harvest, web = one_visit(
        lambda web: rest(web, [a_post(n) for n in range(1, 201)], told=False), "wordpress", HOME
    )
    assert harvest.visit.outcome is Outcome.OK
    assert len(harvest.items) == 200
    assert len(web.asked(POSTS)) == 3  # the third says rest_post_invalid_page_number


def test_the_second_visit_reads_what_changed_and_counts_the_rest() -> None:
    def setup(web: Web, number: int) -> None:
        posts = [a_post(n) for n in range(1, 251)]
        if number:
            posts[200] = a_post(201, modified_gmt=NOW.strftime("%Y-%m-%dT%H:%M:%S"))
        rest(web, posts)

    harvests, web = visits(setup, "wordpress", HOME, times=2, expect_min=None)
    assert "201" in {one.key for one in harvests[1].items}
    assert len(harvests[1].items) <= 100
    assert len(web.asked(POSTS)) == 4  # three pages, then one


def test_without_pretty_addresses_the_api_is_asked_by_rest_route() -> None:
    def setup(web: Web) -> None:
        rest(web, [a_post(1)], HOME)

    harvest, web = one_visit(setup, "wordpress", HOME)
    assert [one.key for one in harvest.items] == ["1"]
    assert query(web.asked(HOME)[0])["rest_route"] == "/wp/v2/posts"


def test_a_closed_api_is_replaced_by_the_feed_with_the_same_keys() -> None:
    def setup(web: Web) -> None:
        async def closed(_: Asked) -> bytes:
            return as_json({"code": "rest_forbidden"}, "401 Unauthorized")

        async def feed(asked: Asked) -> bytes:
            page = int(query(asked).get("paged", 1))
            if page > 2:
                return answer("absent", "404 Not Found")
            return answer(
                f"<rss version='2.0'><channel><title>Ville</title><item><title>Fête {page}</title>"
                f"<guid isPermaLink='false'>https://ville.example/?p={page}</guid>"
                f"<link>https://ville.example/{page}/</link></item></channel></rss>",
                headers={"Content-Type": "application/rss+xml"},
            )

        web.on(POSTS, closed)
        web.on(HOME, closed)
        web.on("/site/feed/", feed)

    harvest, _ = one_visit(setup, "wordpress", HOME)
    assert harvest.visit.outcome is Outcome.OK
    assert [one.key for one in harvest.items] == ["1", "2"]


def test_an_error_in_the_middle_is_told_and_what_came_before_is_kept() -> None:
    def setup(web: Web) -> None:
        posts = [a_post(n) for n in range(1, 251)]

        async def handler(asked: Asked) -> bytes:
            if query(asked)["page"] == "2":
                return answer("panne", "500 Internal Server Error")
            return as_json(posts[:100], X_WP_TotalPages="3")

        web.on(POSTS, handler)

    harvest, _ = one_visit(setup, "wordpress", HOME)
    assert harvest.visit.outcome is Outcome.UNREACHABLE
    assert len(harvest.items) == 100
    assert harvest.validators == {}  # nothing is taken for read


def test_an_unpublished_or_broken_article_does_not_hide_the_others() -> None:
    posts = [a_post(1), a_post(2, status="private"), {"id": 3, "modified_gmt": "x"}, a_post(4)]
    harvest, _ = one_visit(lambda web: web.on(POSTS, _answering(posts)), "wordpress", HOME)
    assert [one.key for one in harvest.items] == ["1", "4"]
    assert len(harvest.quarantined) == 1


def _answering(data: Any) -> Any:
    async def handler(_: Asked) -> bytes:
        return as_json(data)

    return handler


def test_an_announcement_published_in_the_future_is_flagged() -> None:
    feed = (
        "<rss version='2.0'><channel><item><title>Fête</title><guid>1</guid>"
        "<pubDate>Sat, 05 Jun 2027 10:00:00 +0200</pubDate></item></channel></rss>"
    )
    harvest, _ = one_visit(lambda web: web.page("/flux", feed, kind="text/xml"), "feed", "/flux")
    (told,) = [what for about, what in harvest.notes if about == "date de publication"]
    assert told.startswith("1 annonce(s) publiées dans le futur (« 1 », 05/06/2027)")
