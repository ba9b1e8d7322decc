"""Templates: `render(request, "page.html", …)`. Autoescape everywhere; nothing collected is HTML.

A folder `PAAT_THEME_DIR` may hold `templates/` (any of ours, overridden) and `static/` (its
`theme.css` is loaded after ours): that is how a prefecture puts its own look on.
"""

import hashlib
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from domain.campaigns import THEMES
from domain.statuses import FRENCH
from domain.times import PARIS, french_date, paris_day

ROOT = Path(__file__).parent
STATIC = ROOT / "static"


@lru_cache
def environment(theme: Path | None = None) -> Environment:
    """The templates, the theme's first; compiled once for every application of a process."""
    folders = [ROOT / "templates"]
    if theme is not None:
        folders.insert(0, theme / "templates")
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "french": french,
        "day": day,
        "instant": instant,
        "marked": marked,
        "link": safe_link,
        "host": host,
        "number": number,
    }
    made.globals |= {"asset": asset, "themes": THEMES, "query": query}
    made.globals["theme_css"] = theme is not None and (theme / "static" / "theme.css").is_file()
    return made


def render(request: Request, name: str, /, status: int = 200, **context: Any) -> Response:
    """The page. Templates also see `viewer` (None when signed out), `menu`, `here`."""
    viewer = getattr(request.state, "viewer", None)
    menu = [one for one in request.app.state.menu if viewer is not None and viewer.may(one.right)]
    page = request.app.state.templates.get_template(name)
    around = {"request": request, "viewer": viewer, "menu": menu, "here": request.url.path}
    return HTMLResponse(page.render(around | context), status)


def wants_json(request: Request) -> bool:
    """A script asks, not a person's navigation."""
    asked = "application/json" in request.headers.get("accept", "")
    return asked or request.url.path.startswith("/api/")


# --- filters ---------------------------------------------------------------------------------


def french(value: Any) -> str:
    """The French label of a status, theme slug or role; the value itself when it has none."""
    if isinstance(value, StrEnum):
        return FRENCH.get(value, value.value)
    return THEMES.get(value, str(value))


def day(value: Any) -> str:
    """A date, an instant (its day in Paris) or ISO text as `3 juin 2027`; empty for none."""
    if value in (None, ""):
        return ""
    if isinstance(value, datetime):
        return french_date(paris_day(value))
    return french_date(date.fromisoformat(value[:10]) if isinstance(value, str) else value)


def instant(value: datetime | None) -> str:
    """`21/11/2026 à 9 h 30`, in Paris."""
    if value is None:
        return ""
    local = value.astimezone(PARIS)
    return f"{local:%d/%m/%Y} à {local.hour} h {local:%M}"


def number(value: float) -> str:
    """`12 345`, with a narrow no-break space."""
    return f"{value:,}".replace(",", "\u202f")


def marked(text: str | None, spans: Any = ()) -> Markup:
    """The text, escaped, with these (start, end) spans in <mark>."""
    text, out, last = text or "", [], 0
    for start, end in spans:
        if start < last:
            continue
        out += [escape(text[last:start]), Markup("<mark>"), escape(text[start:end])]
        out.append(Markup("</mark>"))
        last = end
    return Markup("").join([*out, escape(text[last:])])


def safe_link(url: str | None) -> str:
    """The address when it is http(s), else nothing: collected links may be anything."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.netloc else ""
    except ValueError:
        return ""


def host(url: str | None) -> str:
    found = safe_link(url)
    return urlsplit(found).netloc.removeprefix("www.") if found else ""


def query(**values: Any) -> str:
    """`?a=1&b=2` of what is not empty."""
    kept = {k: v for k, v in values.items() if v not in (None, "", ())}
    return f"?{urlencode(kept, doseq=True)}" if kept else ""


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a static file, with its content's mark: it can be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"
