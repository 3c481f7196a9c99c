"""Whether personal data may go to a country, on which basis; the bases that officers record, and the law in force."""
