"""One act of a buyer that asks, signs and pays; orders that arrive together are decided together."""
