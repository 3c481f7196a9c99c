"""The duty of a buyer to inform the persons in the data it took (Art. 14 GDPR)."""
