"""The utility's PAdES seal: a sealed agreement becomes an issued file that any PDF reader can check for decades."""
