"""The provable log: sealed, signed, published, cosigned, stamped."""
