"""UTF-8 that someone read as Windows-1252 and encoded again: « Ã‰tÃ© Ã  lâ€™Ã®le ». Pure.

Only the sequences that are French letters or punctuation are given back, and only in a text where
several are: « Ã » before such a sign is no French, once may be a quotation.
"""

import re

# As browsers read cp1252: the five bytes it leaves undefined are C1 controls.
CP1252 = "".join(
    chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")
    for byte in range(256)
)
_BYTES = {char: byte for byte, char in enumerate(CP1252)}
_NEXT = f"[{re.escape(CP1252[0x80:0xC0])}]"
_SIGNS = re.compile(f"[ÂÃÅ]{_NEXT}|â[€‚]{_NEXT}")
_EVIDENCE = re.compile(f"(?:Ã|â€){_NEXT}")
_ENOUGH = 2


def repaired(text: str) -> str:
    """The text as it was before it was encoded twice; any other text as it is."""
    if "Ã" not in text and "â€" not in text:
        return text
    found = _EVIDENCE.finditer(text)
    if sum(1 for _ in zip(range(_ENOUGH), found, strict=False)) < _ENOUGH:
        return text
    return _SIGNS.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[char] for char in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
