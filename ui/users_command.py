"""`youju users`: who may log in where the page is served with ``--auth``.

Passwords come from the terminal, unseen, or from standard input; never from the command line, which other users of
the machine can read.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from rag.config import load_config
from rag.errors import ConfigError, RagError
from ui.accounts.password_file import Users, add_user, checked_name, make_key, remove_user
from ui.purge import purge_user

__all__ = ["main"]

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments; the process's own by default.

    Returns:
        The exit code: 0, that of the error's branch, or 130 where it was interrupted.
    """
    options = _parser().parse_args(argv)
    try:
        file = options.file or load_config().workspace / "users"
        return int(options.run(file, options))
    except RagError as error:
        sys.stderr.write(f"youju: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\nyouju: interrupted; nothing was changed.\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="youju users", description="Who may log in: youju chat --auth")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add a user, or give one who is there another password")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--admin", action="store_true", help="the user may change what all share")
    add.add_argument("--stdin", action="store_true", help="read the password from standard input, its first line")
    remove = actions.add_parser("remove", help="take a user out; sessions and key end with that")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument(
        "--purge",
        action="store_true",
        help="delete all that is kept of the user: conversations, feedback, batches, documents added on the page",
    )
    remove.add_argument("--index", type=Path, metavar="FOLDER", help="with --purge: folder of the index")
    listing = actions.add_parser("list", help="show the users")
    key = actions.add_parser("key", help="make an API key for a user, in place of the one before; it is shown once")
    key.add_argument("name", metavar="NAME")
    for action, run in ((add, _add), (remove, _remove), (listing, _list), (key, _key)):
        action.add_argument("--file", type=Path, metavar="FILE", help="the password file (default: youju's own)")
        action.set_defaults(run=run)
    return parser


def _add(file: Path, options: argparse.Namespace) -> int:
    checked_name(options.name)  # before a password is typed for nothing
    password = _first_line() if options.stdin else _typed()
    new = add_user(file, options.name, password, admin=options.admin)
    role = "an administrator" if options.admin else "no administrator"
    _say(f"{'Added' if new else 'Changed'}: {options.name}, {role}, in {file}")
    return 0


def _remove(file: Path, options: argparse.Namespace) -> int:
    if not options.purge:
        remove_user(file, options.name)
        _say(f"Removed: {options.name}")
        return 0
    checked_name(options.name)
    unknown: ConfigError | None = None
    try:
        remove_user(file, options.name)  # first: who cannot log in any more adds nothing meanwhile
    except ConfigError as error:
        unknown = error
    purged = purge_user(load_config(index=options.index), options.name)
    if unknown and not purged:
        raise unknown
    _say(
        f"Removed: {options.name}, with {purged.n_conversations} conversations, {purged.n_batches} batches and "
        f"{len(purged.sources)} documents"
    )
    return 0


def _list(file: Path, options: argparse.Namespace) -> int:  # noqa: ARG001 - every action takes them
    for user in Users(file).listed():
        _say("\t".join([user.name, "administrator" if user.admin else "user", "key" if user.key else "no key"]))
    return 0


def _key(file: Path, options: argparse.Namespace) -> int:
    key = make_key(file, options.name)
    sys.stderr.write(f"The key of {options.name}; it is not shown again:\n")
    _say(key)
    return 0


def _typed() -> str:
    if not sys.stdin.isatty():
        raise ConfigError("There is no terminal to type a password at. Send it with --stdin.")
    password, again = (getpass.getpass(f"{what}: ") for what in ("Password", "Again"))
    if password != again:
        raise ConfigError("The two passwords differ. Nothing was changed; try again.")
    return password


def _first_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
