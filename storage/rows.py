"""Many rows in one statement: JSON in, a table out, joined to like any other."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TableValuedAlias, column, func, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from storage.codec import encode


def table_of(
    rows: Sequence[Mapping[str, Any]], /, **types: type[TypeEngine[Any]] | TypeEngine[Any]
) -> TableValuedAlias:
    """The rows as a FROM clause with these columns (bytes are not possible: JSON carries them)."""
    wanted = [{name: encode(row[name]) for name in types} for row in rows]
    columns = [column(name, kind) for name, kind in types.items()]
    return (
        func.jsonb_to_recordset(type_coerce(wanted, JSONB))
        .table_valued(*columns)
        .render_derived(name="given", with_types=True)
    )
