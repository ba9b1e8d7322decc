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

_SVG_BLIP = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'r:embed="{link}"/></a:ext></a:extLst>'
)

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
            f"{error} là où l'un de ces champs est attendu : {', '.join(sorted(data))} ; "
            "corrigez le modèle",
            about=str(path),
        ) from None
    except TemplateError as error:
        raise ConfigError(
            f"{error} là où un modèle docxtpl est attendu ; voyez docs/plan.md", about=str(path)
        ) from None
    except (OSError, KeyError, ValueError, OpcError) as error:
        raise ConfigError(
            "illisible là où un document .docx est attendu ; enregistrez-le en DOCX",
            about=str(path),
        ) from error
    made.seek(0)
    rezipped(made, out)


def figure(document: Any, svg: str, png: bytes, *, words: str, width_mm: float) -> Any:
    """A picture for a template: the drawing itself, the PNG for what cannot draw it, and the words
    a screen reader says in its place."""
    from docx.shared import Mm
    from docxtpl import InlineImage

    class Figure(InlineImage):  # type: ignore[misc]
        """docxtpl's picture, with what it leaves out: its drawing and its words."""

        def _insert_image(self) -> str:
            part = self.tpl.current_rendering_part
            inline = part.new_pic_inline(io.BytesIO(png), self.width, self.height)
            inline.docPr.set("descr", words)
            inline.docPr.set("title", words.partition(" : ")[0])
            _draw(part, inline, svg)
            return (
                f"</w:t></w:r><w:r><w:drawing>{inline.xml}</w:drawing></w:r>"
                '<w:r><w:t xml:space="preserve">'
            )

    return Figure(document, None, width=Mm(width_mm))


def _draw(part: Any, inline: Any, svg: str) -> None:
    """Lay a drawing over a picture ([MS-ODRAWXML] 2.3.1.6, svgBlip)."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    package = part.package
    name = package.next_partname("/word/media/drawing%d.svg")
    drawing = Part(name, "image/svg+xml", svg.encode(), package)
    link = part.relate_to(drawing, RELATIONSHIP_TYPE.IMAGE)
    (blip,) = inline.xpath(".//a:blip")
    blip.append(parse_xml(_SVG_BLIP.format(link=link)))
