"""The market: standing orders, their commitment at gate closure, and the clearing of metered energy after delivery."""
