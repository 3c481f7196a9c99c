"""The publish gate: what the scan found against what is declared, and what is still to be stated."""
