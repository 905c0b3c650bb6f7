"""The secret key of a development copy: made once, kept in its data folder."""

import os
import secrets
from pathlib import Path

from annotations.storing.owner import as_owner_of


def kept_secret(folder: Path) -> str:
    """The key in `folder`/secret-key, made (mode 600) when there is none; two starts at once agree on one."""
    # As `prepare` makes it: the database's own account has to pass through where root runs the rest.
    folder.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    with as_owner_of(folder):
        return _kept(folder)


def _kept(folder: Path) -> str:
    path = folder / "secret-key"
    if not path.exists():
        draft = folder / f"secret-key.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50))
        try:
            # A link, not a rename: it fails when another process was first, and then theirs is the key.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
