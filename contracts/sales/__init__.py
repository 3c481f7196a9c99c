"""The moment of the sale, the page of each with its story, its case file, and what was delivered."""
