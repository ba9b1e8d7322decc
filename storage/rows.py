"""Many rows in one statement: JSON or numbers in, a table out, joined to like any other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, TableValuedAlias, cast, column, func, literal, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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


def columns_of(**columns: Iterable[int]) -> TableValuedAlias:
    """Columns of whole numbers as a FROM clause, all of one length: several times cheaper to send
    and to read than `table_of`.
    """
    arrays = [cast(literal(array_of(some)), ARRAY(BigInteger)) for some in columns.values()]
    told = func.unnest(*arrays).table_valued(*(column(name, BigInteger) for name in columns))
    return told.render_derived(name="given")


def array_of(numbers: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array of them: the driver is ten times slower at it."""
    return f"{{{','.join(map(str, numbers))}}}"
