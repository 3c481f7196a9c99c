"""The days on which later revisions are announced to come, and how each was kept."""
