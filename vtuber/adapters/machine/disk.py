"""Space on the disk under a folder that may not be there yet."""

import shutil
from pathlib import Path


def free_gb(folder: Path) -> float:
    """Give the free space in GB of the disk on which a folder lies or would be made. Raises OSError."""
    place = folder.absolute()
    return round(shutil.disk_usage(next(one for one in (place, *place.parents) if one.exists())).free / 1e9, 1)
