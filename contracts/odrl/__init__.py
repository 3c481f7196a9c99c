"""ODRL both ways: terms written as a policy, a policy read as terms, and when a rule of a policy is active."""
