"""The books beside what the provider says."""
