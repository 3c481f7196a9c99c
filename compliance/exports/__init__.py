"""Rows of the desk as files: streamed, or made once and kept for some days."""
