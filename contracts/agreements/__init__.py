"""The frozen, signed contract, who its parties were, and its papers."""
