"""Hand-written stand-ins: small, real implementations of the protocols, deterministic and fast."""
