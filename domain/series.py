"""What an initiative held several times is called, on every page (docs/rapprochement.md)."""


def shape(editions: int, *, dates: int = 1, parts: int = 0) -> str:
    """« festival : 2 éditions, 3 parties », « série : 3 éditions », « une édition, 4 dates »; ""
    when it is held once. `editions`: the dated ones, parts of a festival left out; `dates`: of
    the only edition."""
    if parts:
        years = f"{editions} éditions, " if editions > 1 else ""
        return f"festival : {years}{parts} {'parties' if parts > 1 else 'partie'}"
    if editions > 1:
        return f"série : {editions} éditions"
    return f"une édition, {dates} dates" if dates > 1 else ""
