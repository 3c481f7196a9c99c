"""Documents of sellers that a clause makes part of a contract."""
