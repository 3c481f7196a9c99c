"""Revisions and their files: announced, received, sealed under one digest, compared, revoked."""
