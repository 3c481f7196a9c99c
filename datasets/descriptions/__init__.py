"""What a seller writes about a dataset: cleaned or refused, typed in a form, rendered."""
