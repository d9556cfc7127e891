"""The utility's back office: what is to be done again and again without anybody asking, in one process."""
