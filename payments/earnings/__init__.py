"""What a party's sales brought, and where the money of one sale went."""
