"""Rounds, redlines, riders and signatures, until both sides have signed."""
