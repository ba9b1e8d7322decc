"""From any address, what could be collected there, and what to write in a source."""
