"""The desk's rows of transfers and refused attempts, derived from leaves, and the pages of them."""
