"""How far a dataset is on its way to the market, step by step."""
