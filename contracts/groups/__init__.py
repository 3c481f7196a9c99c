"""Lists of participants that a seller makes offers to."""
