"""Invoices, their drafts, papers and numbers, mandates, and the exports of the books."""
