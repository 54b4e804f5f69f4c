"""How large the second cache of a core is: copies for wide products fill a share of it."""

from pathlib import Path


def second_cache(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> int:
    """Bytes of the second cache of a core; 1 MiB where the system does not say (Linux does)."""
    for found in sorted(folder.glob("index*")):
        try:
            level, size = ((found / name).read_text("ascii").strip() for name in ("level", "size"))
        except (OSError, UnicodeDecodeError):
            continue
        if level == "2" and size.endswith("K") and size[:-1].isdigit():
            return int(size[:-1]) * 2**10
    return 2**20
