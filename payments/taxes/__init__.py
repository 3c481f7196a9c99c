"""Which VAT stands on a supply, and the ids that decide it."""
