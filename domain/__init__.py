"""The words: frozen records and pure rules. Imports nothing of ours."""
