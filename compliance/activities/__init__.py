"""Records of processing (Art. 30 GDPR), derived from the log and completed by hand."""
