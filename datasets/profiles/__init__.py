"""What a worker measures of a sealed revision: columns, counts, and values where they may be shown."""
