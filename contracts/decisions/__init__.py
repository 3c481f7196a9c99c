"""“May I?”, its answers, and decisions given once more."""
