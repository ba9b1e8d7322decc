"""What makes two sightings of one source the same announcement, when its identifier does not."""

from domain.records import RawItem
from domain.text import fingerprint, words


def likeness_mark(item: RawItem) -> str | None:
    """What stands for title, date and place, the text where there is no date; None untitled.

    Two announcements of one source with the same mark say the same thing of the same day.
    """
    fields = item.fields
    title = words(str(fields.get("title") or ""))
    if not title:
        return None
    when = item.published_at.isoformat() if item.published_at else ""
    first = str(fields.get("start") or fields.get("when") or "")
    text = "" if when or first else " ".join(words(str(fields.get("text") or "")))
    where = [str(fields.get(name) or "") for name in ("commune", "venue", "address")]
    return fingerprint("\n".join([" ".join(title), when, first, text, *where]))[:32]
