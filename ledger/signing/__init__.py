"""How parties sign: by one-time code, wallet, passkey or company certificate, each over the same digest."""
