"""What a seller says of personal data and of the processing behind it: read, refused by name, typed in a form."""
