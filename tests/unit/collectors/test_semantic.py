"""Events in RDFa, h-event, hCalendar and Open Graph read like those of JSON-LD."""

from collectors.kinds.page import parse
from domain.records import RawItem, Source

SOURCE = Source(slug="s", title="s", kind="page", url="https://ville.example/agenda")


def read(html: str) -> list[RawItem]:
    found = parse(f"<html lang='fr'><body>{html}</body></html>".encode(), SOURCE)
    return [one for one in found if isinstance(one, RawItem)]


def test_rdfa() -> None:
    (one,) = read("""
      <div vocab="https://schema.org/" typeof="SportsEvent" resource="#course">
        <h2 property="name">Course</h2><a property="url" href="/course">voir</a>
        <time property="startDate" datetime="2027-06-03T14:00:00+02:00">3 juin</time>
        <meta property="eventStatus" content="https://schema.org/EventPostponed">
        <div property="location" typeof="Place"><span property="name">Stade</span>
          <div property="address" typeof="PostalAddress">
            <span property="postalCode">05000</span> <span property="addressLocality">Gap</span>
          </div></div>
      </div>""")
    assert one.fields["title"] == "Course"
    assert one.fields["start"] == "2027-06-03T14:00"
    assert (one.fields["venue"], one.fields["commune"]) == ("Stade", "Gap")
    assert one.fields["status"] == "postponed"


def test_several_h_events_each_with_its_own_address() -> None:
    first, second = read("""
      <article class="h-event"><a class="u-url p-name" href="/1">Course</a>
        <time class="dt-start" datetime="2027-06-03">3 juin</time>
        <span class="p-location h-card"><span class="p-name">Stade</span>
          <span class="p-locality">Gap</span></span></article>
      <article class="h-event"><a class="u-url p-name" href="/2">Fête</a>
        <time class="dt-start" datetime="2027-06-05">5 juin</time>
        <time class="dt-start" datetime="2027-06-12">12 juin</time></article>""")
    assert first.url == "https://ville.example/1"
    assert (first.fields["venue"], first.fields["commune"]) == ("Stade", "Gap")
    assert [slot["start"] for slot in second.fields["timings"]] == ["2027-06-05", "2027-06-12"]


def test_hcalendar_with_the_abbr_pattern() -> None:
    (one,) = read("""
      <div class="vevent"><span class="summary">Course</span>
        <abbr class="dtstart" title="2027-06-03T14:00">3 juin à 14 h</abbr>
        <span class="location">Stade de Gap</span><span class="status">CANCELLED</span></div>""")
    assert one.fields["start"] == "2027-06-03T14:00"
    assert one.fields["venue"] == "Stade de Gap"
    assert one.fields["status"] == "cancelled"


def test_open_graph_is_an_event_only_with_a_start() -> None:
    head = '<meta property="og:title" content="Course"><meta property="og:type" content="event">'
    (one,) = read(f'{head}<meta property="event:start_time" content="2027-06-03T14:00">')
    assert (one.fields["title"], one.fields["start"]) == ("Course", "2027-06-03T14:00")
    (article,) = read(f"{head}<main><h1>Article</h1><p>Texte.</p></main>")
    assert "start" not in article.fields


def test_json_ld_comes_first_and_is_not_doubled() -> None:
    (one,) = read("""
      <script type="application/ld+json">{"@type":"Event","name":"Course JSON",
        "startDate":"2027-06-03","location":[{"@type":"Place","name":"A"},{"name":"B"}],
        "eventStatus":"EventMovedOnline"}</script>
      <div class="h-event"><span class="p-name">Course marquée</span></div>""")
    assert one.fields["title"] == "Course JSON"
    assert (one.fields["attendance"], one.fields["status"]) == ("itinerant", "moved")
