"""Where a workspace is, and which engine reads it: a folder, or ``spark://host:port/folder``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from foreland.core.errors import UsageError

SPARK = "spark://"
PORT = 15002
"""Where a Spark Connect server listens if no port is named."""
CLUSTER_FOLDER = "cluster_folder"
REMOTE_OPTIONS = ("use_ssl", "user_id")
"""What may be passed on to Spark Connect. A token may not: an address is shown and logged; see :data:`TOKEN`."""
TOKEN = "FORELAND_SPARK_TOKEN"
"""Variable of the environment that holds the token of a cluster that asks for one."""


@dataclass(frozen=True)
class Address:
    """Where a workspace is.

    Parameters
    ----------
    folder
        The folder as this machine sees it. Loads are prepared here.
    remote
        The cluster in Spark Connect's own form, ``sc://host:port/;name=value``; empty for the embedded engine.
    cluster_folder
        The same folder as the cluster sees it, where that differs: a path, or an object store mounted here, as
        ``s3a://bucket/workspace``.
    """

    folder: Path
    remote: str = ""
    cluster_folder: str = ""

    @classmethod
    def parse(cls, text: AddressLike) -> Address:
        """Read ``folder`` or ``spark://host:15002/folder?cluster_folder=s3a://bucket/folder&use_ssl=true``.

        Raises
        ------
        UsageError
            If the address names no host or folder, or has an option there is not.
        """
        if isinstance(text, Address):
            return text
        if isinstance(text, Path) or not text.startswith(SPARK):
            return cls(Path(text))
        try:
            parts = urlsplit(text)
            port = parts.port or PORT
        except ValueError as error:
            raise UsageError("core.error.address", address=text, detail=error) from error
        folder = Path(unquote(parts.path))
        if not parts.hostname or folder == Path("/") or not folder.is_absolute() or parts.fragment:
            raise UsageError("core.error.address", address=text, detail=f"{parts.netloc}{parts.path or ' —'}")
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        cluster_folder = options.pop(CLUSTER_FOLDER, "").rstrip("/")
        if "token" in options:
            raise UsageError("core.error.address_token", variable=TOKEN)
        unknown = sorted(set(options) - set(REMOTE_OPTIONS))
        if unknown:
            known = ", ".join((CLUSTER_FOLDER, *REMOTE_OPTIONS))
            raise UsageError("core.error.address_option", name=unknown[0], known=known)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        said = "".join(f";{name}={quote(value, safe='')}" for name, value in sorted(options.items()))
        return cls(folder, f"sc://{host}:{port}/{said}", cluster_folder)

    def __str__(self) -> str:
        """What :meth:`parse` reads: the address as a person types it."""
        if not self.remote:
            return str(self.folder)
        host, *said = self.remote.removeprefix("sc://").split(";")
        options = [(name, unquote(value)) for name, _, value in (item.partition("=") for item in said)]
        if self.cluster_folder:
            options.append((CLUSTER_FOLDER, self.cluster_folder))
        query = f"?{urlencode(options, safe=':/')}" if options else ""
        return f"{SPARK}{host.rstrip('/')}{quote(str(self.folder))}{query}"


AddressLike = str | Path | Address
"""What :meth:`Address.parse` reads."""
