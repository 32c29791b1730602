"""Get documents in: text out of files, what is not text of theirs, and which of them repeat each other."""
