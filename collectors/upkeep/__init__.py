"""A source over time: health, rhythm, yield, moves; what it answered, kept and read again."""
