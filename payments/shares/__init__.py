"""Who earns what part of a dataset; sums divided without a rest."""
