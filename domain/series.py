"""What an initiative held several times is called, on every page (docs/rapprochement.md)."""


def shape(editions: int, *, days: int = 0, dates: int = 1, parts: int = 0) -> str:
    """« festival : 2 éditions, 3 parties », « série : 3 éditions », « 2 temps le même jour » (the
    tournaments of two ages), « une édition, 4 dates »; "" when it is held once. `editions`: the
    dated ones, parts of a festival left out; `days`: how many different days they are held on;
    `dates`: of the only edition."""
    if parts:
        years = f"{editions} éditions, " if editions > 1 else ""
        return f"festival : {years}{parts} {'parties' if parts > 1 else 'partie'}"
    if editions > 1 and days == 1:
        return f"{editions} temps le même jour"
    if editions > 1:
        return f"série : {editions} éditions"
    return f"une édition, {dates} dates" if dates > 1 else ""
