"""The sellers' part of a paid charge, kept back; what of it goes back."""
