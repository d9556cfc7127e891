"""Certificates, revocation answers and time stamps for the devchain: a trust nobody else shares, and it says so in every name."""
