"""Data intermediation by Chapter III of the Data Governance Act (Regulation (EU) 2022/868): what an operator that was
notified shows to everybody, and what it gives to data holders. It is there only where the settings name a
notification."""
