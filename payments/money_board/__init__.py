"""The operator's page: the books, what waits for a person, bank transfers."""
