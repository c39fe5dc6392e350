"""G.711 mu-law, as telephones send it, to linear PCM."""

import numpy as np


def _expand() -> np.ndarray:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype("<i2")


_TABLE = _expand()


def to_pcm(mu_law: bytes) -> bytes:
    """Expand a byte a sample to PCM s16le."""
    return _TABLE[np.frombuffer(mu_law, dtype=np.uint8)].tobytes()
