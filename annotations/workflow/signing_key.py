"""The key with which this deployment signs manifests: given by the operator, or made once and kept."""

import functools
import os
from pathlib import Path

from django.conf import settings

from annotations.archiving.signing import KEY_FILE, KEY_FOLDER, SigningKey, new_seed
from annotations.storing.owner import as_owner_of


def signing_key() -> SigningKey:
    """Return the key that signs now; make one if neither SIGNING_KEY nor the data folder has one."""
    return _key(settings.SIGNING_KEY or _seed_of(Path(settings.DATA_DIR)))


def known_keys() -> frozenset[str]:
    """Return the public keys of this newsroom, in hexadecimal: that which signs now, and the former ones."""
    return frozenset({signing_key().public_key, *settings.FORMER_SIGNING_KEYS})


@functools.lru_cache(maxsize=4)
def _key(seed: str) -> SigningKey:
    return SigningKey(seed)


def _seed_of(data_folder: Path) -> str:
    with as_owner_of(data_folder):
        return _kept_seed(data_folder / KEY_FOLDER)


def _kept_seed(folder: Path) -> str:
    """Return the seed in `folder`, made (mode 600) if there is none; two processes at once agree on one."""
    path = folder / KEY_FILE
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"key.{os.getpid()}.{os.urandom(4).hex()}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(new_seed())
            out.flush()
            os.fsync(out.fileno())
        # A link, unlike a rename, fails if another process was first; then that process's key is used.
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return path.read_text().strip()
