"""sources/*.toml → Source records. One wrong block never hides the others."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from collectors.kinds import COMMON_OPTIONS, kinds
from collectors.web import tls
from domain.campaigns import campaigns
from domain.errors import ConfigError
from domain.identifiers import commune_code
from domain.records import Json, Source
from domain.statuses import Publisher

DEPARTMENTS = frozenset(
    {f"{n:02}" for n in range(1, 96) if n != 20}
    | {"2A", "2B"}
    | {"971", "972", "973", "974", "976"}
)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,79}")
_FIELDS = {f.name: f for f in fields(Source)}
_REQUIRED = tuple(n for n, f in _FIELDS.items() if f.default is f.default_factory is MISSING)
_TEXTS = ("slug", "title", "kind", "url", "department", "commune", "organiser", "licence")
_BLOCK = re.compile(r"(?m)^[ \t]*\[\[[ \t]*source[ \t]*\]\]")


def load_sources(folder: Path) -> tuple[list[Source], list[ConfigError]]:
    """Every readable source of folder/*.toml, in order, and what is wrong with the others."""
    sources: list[Source] = []
    errors: list[ConfigError] = []
    if not folder.is_dir():
        return [], [_error(str(folder), "dossier absent; créez-le ou réglez PAAT_SOURCES")]
    seen: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        blocks, broken = _blocks(file)
        errors += broken
        for where, block in blocks:
            try:
                source = read_block(block, about=where)
                if source.slug in seen:
                    raise _error(
                        where,
                        f"slug {source.slug!r} déjà pris par {seen[source.slug]}; "
                        "choisissez-en un autre (un slug est définitif)",
                    )
            except ConfigError as error:
                errors.append(error)
            else:
                seen[source.slug] = where
                sources.append(source)
    return sources, errors


def read_block(block: Mapping[str, Json], *, about: str) -> Source:
    """The Source of one block. Raises ConfigError: `file:block: what was found where …`."""
    values = dict(block)
    _known(values, _FIELDS, about, what="champ")
    missing = [name for name in _REQUIRED if not values.get(name)]
    if missing:
        raise _error(about, f'{", ".join(missing)} absent; ajoutez {missing[0]} = "…"')
    for problem in _problems(values):
        raise _error(about, problem)
    values["publisher"] = Publisher(values.get("publisher", Publisher.AGENDA))
    values["options"] = dict(values.get("options", {}))
    _check_options(values["kind"], values["options"], about)
    return Source(**values)


def write_block(source: Source) -> str:
    """The `[[source]]` block of a source, only with what differs from the defaults."""
    lines = ["[[source]]"]
    for name, field in _FIELDS.items():
        value = getattr(source, name)
        if name != "options" and (name in _REQUIRED or value != field.default):
            lines.append(f"{name} = {_toml(value)}")
    if source.options:
        lines += ["", "[source.options]"]
        lines += [f"{_key(name)} = {_toml(value)}" for name, value in source.options.items()]
    return "\n".join(lines) + "\n"


def place_of(folder: Path, slug: str) -> str:
    """Where a source's block is, for a person: « 05.toml, ligne 12 »; "" when it is in no file."""
    named = re.compile(rf"""(?m)^[ \t]*slug[ \t]*=[ \t]*["']{re.escape(slug)}["']""")
    for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):  # load_sources tells it
            continue
        if found := named.search(text):
            line = text.count("\n", 0, found.start()) + 1
            return f"{file.name}, ligne {line}"
    return ""


def _blocks(file: Path) -> tuple[list[tuple[str, dict[str, Any]]], list[ConfigError]]:
    """The blocks of a file with their place; when the file is broken, each block on its own."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return [], [_error(file.name, f"fichier illisible ({error}); enregistrez-le en UTF-8")]
    try:
        return list(_named(file, tomllib.loads(text))), []
    except tomllib.TOMLDecodeError as whole:
        pieces = list(_pieces(text))
        if len(pieces) < 2:
            return [], [_error(file.name, f"{whole}; corrigez la syntaxe TOML")]
    except ConfigError as error:
        return [], [error]
    good: list[tuple[str, dict[str, Any]]] = []
    errors: list[ConfigError] = []
    for number, (line, piece) in enumerate(pieces, 1):
        try:
            good += _named(file, tomllib.loads(piece), start=number)
        except tomllib.TOMLDecodeError as error:
            where = f"{file.name}:bloc {number} (ligne {line})"
            errors.append(_error(where, f"{error}; corrigez la syntaxe TOML de ce bloc"))
        except ConfigError as error:
            errors.append(error)
    return good, errors


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(line number, text) of each `[[source]]` block."""
    starts = [match.start() for match in _BLOCK.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        yield text.count("\n", 0, start) + 1, text[start:end]


def _named(
    file: Path, data: Mapping[str, Any], *, start: int = 1
) -> Iterator[tuple[str, dict[str, Any]]]:
    unknown = [name for name in data if name != "source"]
    if unknown:
        raise _error(file.name, f"{unknown[0]!r} où seuls des blocs [[source]] sont attendus")
    blocks = data.get("source", [])
    if not isinstance(blocks, list):
        raise _error(file.name, "[source] où [[source]] est attendu; doublez les crochets")
    for number, block in enumerate(blocks, start):
        yield f"{file.name}:{block.get('slug') or f'bloc {number}'}", block


def _problems(values: Mapping[str, Json]) -> Iterator[str]:
    """What is impossible in a block, one French sentence each; the first one is told."""
    for name in _TEXTS:
        if name in values and not isinstance(values[name], str):
            yield f"{name} = {values[name]!r} où un texte entre guillemets est attendu"
    if not _SLUG.fullmatch(values["slug"]):
        yield f"slug {values['slug']!r} où des minuscules, chiffres et tirets sont attendus"
    if values["kind"] not in kinds():
        yield f"kind {values['kind']!r} inconnu{_hint(values['kind'], kinds())}"
    yield from _bad_url(values["url"])
    if "department" in values and values["department"] not in DEPARTMENTS:
        yield f'department {values["department"]!r} inconnu; écrivez par exemple "05"'
    if "commune" in values and not commune_code(values["commune"]):
        yield f"commune {values['commune']!r} où un code INSEE de 5 caractères est attendu"
    if values.get("publisher", "agenda") not in set(Publisher):
        yield f"publisher {values['publisher']!r} inconnu{_hint(values['publisher'], Publisher)}"
    if "campaign" in values and values["campaign"] not in campaigns():
        yield f"campaign {values['campaign']!r} inconnue{_hint(values['campaign'], campaigns())}"
    yield from _bad_numbers(values)
    if not isinstance(values.get("enabled", True), bool):
        yield f"enabled = {values['enabled']!r} où true ou false est attendu"
    if not isinstance(values.get("options", {}), dict):
        yield f"options = {values['options']!r} où une table [source.options] est attendue"


def _bad_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        yield f"url {url!r} illisible ({error})"
        return
    if parts.scheme == "file" and url != "file:":
        return
    if parts.scheme in ("imap", "imaps") and host and "@" not in parts.netloc:
        return
    if parts.scheme not in ("http", "https") or not host:
        yield f"url {url!r} où https://… (ou file:chemin) est attendu"
    elif "@" in parts.netloc:
        yield "url avec un identifiant où une adresse publique est attendue; retirez « …@ »"


def _bad_numbers(values: Mapping[str, Json]) -> Iterator[str]:
    hours = values.get("every_hours", 24)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or hours <= 0:
        yield f"every_hours = {hours!r} où un nombre d'heures positif est attendu"
    low, high = values.get("expect_min"), values.get("expect_max")
    for name, bound in (("expect_min", low), ("expect_max", high)):
        if bound is not None and (
            isinstance(bound, bool) or not isinstance(bound, int) or bound < 0
        ):
            yield f"{name} = {bound!r} où un nombre entier d'annonces est attendu"
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield f"expect_min = {low} supérieur à expect_max = {high}; échangez-les"


def _check_options(kind: str, options: Mapping[str, Json], about: str) -> None:
    module = kinds()[kind]
    _known(options, {**COMMON_OPTIONS, **module.OPTIONS}, about, what=f"option de {kind}")
    check = getattr(module, "check", None)
    for problem in [*tls.problems(options), *(check(options) if check else ())]:
        raise _error(about, problem)


def _known(values: Mapping[str, Any], known: Mapping[str, Any], about: str, *, what: str) -> None:
    for name in values:
        if name not in known:
            raise _error(about, f"{what} {name!r} inconnu(e){_hint(name, known)}")


def _hint(word: object, known: Any) -> str:
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(word), names, n=1)
    return f"; vouliez-vous dire {close[0]!r} ?" if close else f"; choix : {', '.join(names)}"


def _toml(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, int | float):
        return str(value)
    # A JSON string is a TOML basic string, but for DEL which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _error(about: str, message: str) -> ConfigError:
    return ConfigError(f"{about}: {message}", about=about)
