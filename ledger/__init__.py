"""The ledger. Ethereum's libraries (eth-account, trie, web3) take the first keccak they find, not the fastest, unless they are told."""

from os import environ

environ.setdefault("ETH_HASH_BACKEND", "pysha3")  # read at the first hash of the process, which nothing does while it is imported
