"""What a feed calls its entries is kept as it is written: a change of host changes nothing."""

import pytest

from collectors.kinds import feed
from domain.records import RawItem, Source

HOSTS = ("https://ville.example/flux.xml", "https://www.nouvelle-ville.example/rss/actus")


def keys_and_urls(guid: str, link: str, url: str) -> tuple[str, str | None]:
    body = (
        f"<rss version='2.0'><channel><item><title>Fête</title>{guid}{link}</item></channel></rss>"
    )
    source = Source(slug="ville", title="Ville", kind="feed", url=url)
    (one,) = feed.parse(body.encode(), source, url=url)
    assert isinstance(one, RawItem)
    return one.key, one.url


@pytest.mark.parametrize("guid", ["<guid>4012</guid>", '<guid isPermaLink="false">4012</guid>'])
def test_a_plain_guid_is_no_address_and_does_not_depend_on_the_host(guid: str) -> None:
    assert [keys_and_urls(guid, "", url) for url in HOSTS] == [("4012", None)] * 2


def test_an_address_as_guid_is_the_link_of_an_entry_without_one() -> None:
    guid = "<guid>https://ville.example/fete?id=3</guid>"
    assert keys_and_urls(guid, "", HOSTS[0]) == ("https://ville.example/fete?id=3",) * 2


def test_a_relative_link_is_resolved_and_its_guid_left_alone() -> None:
    told = keys_and_urls("<guid>4012</guid>", "<link>/fete/4012</link>", HOSTS[0])
    assert told == ("4012", "https://ville.example/fete/4012")
