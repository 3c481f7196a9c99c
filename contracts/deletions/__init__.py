"""The buyer's word that all it held is deleted."""
