"""Saving files without harm: in one step, so that what stands there stays whole, and with a time that can be fixed."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from allocator.errors import OutputError

FIRST_MODE = 0o666


def save_bytes(content: bytes, path: Path) -> None:
    """Put content in a file in one step; the file that stands there stays whole if that fails.

    Parameters
    ----------
    content
        The whole of it.
    path
        Where it goes.

    Raises
    ------
    OutputError
        It can't be written.
    """
    with in_one_step(path) as part:
        part.write_bytes(content)


@contextmanager
def in_one_step(path: Path) -> Iterator[Path]:
    """Yield a file to write to, which takes the place of `path` once all went well and something was written.

    Otherwise what stands at `path` stays, and nothing is left beside it. Where the system can (Linux, on most file
    systems) the file has no name until it is whole, so that even a process that is killed leaves nothing behind;
    elsewhere what a killed process left is removed with the next file that is written to `path`.

    Raises
    ------
    OutputError
        It can't be written.
    """
    target = path.resolve()
    try:
        _remove_litter(target)
        handle = _open_unnamed(target.parent)
        with _named(target) if handle is None else _unnamed(handle, target) as part:
            yield part
    except OSError as error:
        raise OutputError(_failure(path, error)) from error


def _open_unnamed(folder: Path) -> int | None:
    """Return a new file in `folder` that has no name yet; None where the system or the file system knows no such."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag:
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o600)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            return None
        raise


@contextmanager
def _unnamed(handle: int, target: Path) -> Iterator[Path]:
    """Yield the way to an open file that has no name; it takes the place of `target` once all went well."""
    part = Path(f"/proc/self/fd/{handle}")
    try:
        yield part
        if os.fstat(handle).st_size:
            _finish(handle, target)
            if not _link(handle, target):
                with _named(target) as copy:
                    copy.write_bytes(part.read_bytes())
    finally:
        os.close(handle)


def _finish(handle: int, target: Path) -> None:
    """Let the file have the permissions it is to have, and reach the disk."""
    if hasattr(os, "fchmod"):
        os.fchmod(handle, _mode(target))
    os.fsync(handle)


def _link(handle: int, target: Path) -> bool:
    """Give a file without a name that of `target`; False where the file system can't."""
    source, part = f"/proc/self/fd/{handle}", _part(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        try:
            os.link(source, target.name, dst_dir_fd=folder)  # with a folder named, the link at source is followed
        except FileExistsError:  # no system puts a file without a name in the place of another
            os.link(source, part.name, dst_dir_fd=folder)
            part.replace(target)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EPERM, errno.EXDEV, errno.ENOENT):
            return False
        raise
    finally:
        os.close(folder)
        part.unlink(missing_ok=True)
    return True


@contextmanager
def _named(target: Path) -> Iterator[Path]:
    """Yield a file beside `target`, which takes its place once all went well; nothing is left behind otherwise."""
    part = _part(target)
    try:
        with part.open("xb") as file:
            yield part
            if os.fstat(file.fileno()).st_size:
                _finish(file.fileno(), target)
        if part.stat().st_size:
            part.replace(target)
    finally:  # also an interrupt must leave no litter
        part.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    """Return the name that this process gives a file while it is not whole."""
    return target.with_name(f".{target.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


def _remove_litter(target: Path) -> None:
    """Remove what processes that were killed left when they wrote to `target`."""
    pattern = re.compile(re.escape(f".{target.name[:40]}.") + r"(\d+)-[0-9a-f]{8}\.tmp")
    with suppress(OSError):  # what can't be listed or removed stays
        for path in target.parent.iterdir():
            found = pattern.fullmatch(path.name)
            if found and not _runs(int(found[1])):
                path.unlink()


def _runs(process: int) -> bool:
    """Whether a process of that number is running, as far as can be told."""
    if os.name != "posix" or process == os.getpid():
        return True  # elsewhere the question itself would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _mode(path: Path) -> int:
    """Return the permissions of the file that stands there, or those that any new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return FIRST_MODE & ~mask


def _failure(path: Path, error: OSError) -> str:
    """Return what went wrong and what to do about it."""
    if error.errno == errno.ENOSPC:
        return f"{path}: the disk is full; free some space, or name a file on another disk with -o"
    if isinstance(error, PermissionError):
        return (
            f"{path}: can't be written; is it open in another program, or is the folder read-only? "
            "Close it there, or name another file with -o"
        )
    return f"{path}: can't be written ({reason(error)}); name another file with -o"


def reason(error: OSError) -> str:
    """Return what the system says of an error."""
    return error.strerror or str(error)


def time_made() -> datetime:
    """Return the time to show: SOURCE_DATE_EPOCH where it is set, else now; UTC, in whole seconds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC).replace(microsecond=0)
