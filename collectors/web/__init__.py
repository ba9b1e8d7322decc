"""The polite client: addresses, redirects, TLS, robots, politeness. Nothing here knows a source."""
