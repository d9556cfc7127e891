"""Campaigns: a document for each of many customers, drafted, sent, signed, sealed, issued and logged, however often it is interrupted."""
