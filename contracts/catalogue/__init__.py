"""What a visitor may find: datasets, searches, the index."""
