"""What a buyer pays and when, as pure arithmetic: plans, rating, fees, refund policies."""
