"""Which kind of source an answer is, from its bytes, its type and its address. Nothing fetched."""

import json
import re
from urllib.parse import urlsplit

_ENDINGS = {
    ".ics": "calendar",
    ".rss": "feed",
    ".atom": "feed",
    ".csv": "table",
    ".tsv": "table",
    ".xlsx": "table",
    ".ods": "table",
    ".jsonl": "table",
    ".parquet": "table",
    ".docx": "action_sheet",
    ".odt": "action_sheet",
    ".eml": "mailbox",
    ".mbox": "mailbox",
}
_APIS = {
    "opendatasoft": re.compile(r"/api/explore/v2\.\d/catalog/datasets/[^/]+/records"),
    "events_calendar": re.compile(r"/wp-json/tribe/events/|rest_route=/tribe/"),
    "wordpress": re.compile(r"/wp-json/wp/v2/|rest_route=/wp/"),
    "openagenda": re.compile(r"//api\.openagenda\.[a-z]+/v[23]/agendas/"),
    "helloasso": re.compile(r"//api\.helloasso\.[a-z-]+/v5/directory/"),
    "grist": re.compile(r"/api/docs/[^/]+/tables/[^/]+/records"),
    "limesurvey": re.compile(r"/admin/remotecontrol"),
    "demarches": re.compile(r"/api/v2/graphql"),
}
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)\b", re.I)
_MAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.I)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.I)


def by_address(url: str) -> str | None:
    """The kind the address alone tells, or None."""
    if "/jo_associations/" in url and _APIS["opendatasoft"].search(url):
        return "journal_officiel"
    known = next((kind for kind, shape in _APIS.items() if shape.search(url)), None)
    path = urlsplit(url).path.lower()
    ending = next((kind for end, kind in _ENDINGS.items() if path.endswith(end)), None)
    return known or ending


def by_content(body: bytes, content_type: str = "") -> str | None:
    """The kind an answer shows, None for what nobody reads (a picture, a PDF)."""
    head = body[:4000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head[:15].upper() == b"BEGIN:VCALENDAR":
        return "calendar"
    if head[:2] == b"\x1f\x8b" or _MAP.search(head):
        return "sitemap"
    if _HTML.search(head) and not re.match(rb"<\?xml[^>]*>\s*<(?:rss|feed)", head, re.I):
        return "page"
    if _FEED.search(head):
        return "feed"
    if head[:1] in (b"{", b"["):
        return _json_kind(body)
    if head[:4] == b"PK\x03\x04":
        return _archive_kind(body)
    if "csv" in content_type or "tab-separated" in content_type:
        return "table"
    return "page" if "html" in content_type else None


def _json_kind(body: bytes) -> str:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return "table"
    if isinstance(data, dict):
        if "jsonfeed.org" in str(data.get("version", "")):
            return "feed"
        if "events" in data and "rest_url" in data:
            return "events_calendar"
        if "results" in data and "total_count" in data:
            return "opendatasoft"
    if isinstance(data, list) and data and isinstance(data[0], dict) and "guid" in data[0]:
        return "wordpress"
    return "table"


def _archive_kind(body: bytes) -> str:
    """A zip: a text document or a spreadsheet, told by the names inside."""
    document = b"word/" in body or b"opendocument.text" in body[:200]
    return "action_sheet" if document else "table"
