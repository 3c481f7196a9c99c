"""Incidents with non-personal data (Art. 12(k) of the Data Governance Act): entered by an officer, found in the log,
told to the holders of the data. A breach of personal data is another matter, see `compliance.breaches`."""
