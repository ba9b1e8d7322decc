"""DOCX from a template (docxtpl) that a prefecture may replace by its own.

A template is only asked to be a Word document: what it says of fields that do not exist is an error
that names them, and it can reach nothing but the data (Jinja sandbox).
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from census.cells import clean
from census.files import rezipped
from census.typeset import TEMPLATES
from domain.errors import ConfigError
from domain.records import Json

Extra = Callable[[Any], Mapping[str, Any]]


def fill(
    template: str | Path, data: Mapping[str, Json], out: IO[bytes], *, extra: Extra | None = None
) -> None:
    """Write the document of a template: a name of census/templates, or a path of one's own.

    `extra` gives what only an open document can make (pictures). Same data, same bytes. Raises
    ConfigError for a template that cannot be read, or asks for an unknown field.
    """
    from docx.opc.exceptions import OpcError
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined, TemplateError, UndefinedError
    from jinja2.sandbox import SandboxedEnvironment

    path = template if isinstance(template, Path) else TEMPLATES / template
    made = io.BytesIO()
    try:
        document = DocxTemplate(str(path))
        document.init_docx()
        whole = {**clean(data), **(extra(document) if extra else {})}
        environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
        document.render(whole, environment, autoescape=True)
        document.save(made)
    except UndefinedError as error:
        raise ConfigError(
            f"{error} where one of {', '.join(sorted(data))} was expected; correct the template",
            about=str(path),
        ) from None
    except TemplateError as error:
        raise ConfigError(
            f"{error} where a docxtpl template was expected; see docs/plan.md", about=str(path)
        ) from None
    except (OSError, KeyError, ValueError, OpcError) as error:
        raise ConfigError(
            "unreadable where a .docx document was expected; save it as DOCX", about=str(path)
        ) from error
    made.seek(0)
    rezipped(made, out)
