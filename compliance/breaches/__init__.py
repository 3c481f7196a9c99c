"""The register of breaches of personal data: whom one reaches, what is stopped, and who was told."""
