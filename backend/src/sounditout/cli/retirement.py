"""`sounditout retirement`: what would be deleted when SSE goes for good, found in the code as it is."""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sounditout.cli.failure import CommandFailed, explained
from sounditout.cli.output import print_line

if TYPE_CHECKING:
    from sounditout.cli.sse_names import Changed, Gone

_REPOSITORY: Final = Path(__file__).resolve().parents[4]
_REPOSITORY_HAS: Final = ("backend/src/sounditout", "frontend/src", "docs")
"""What a repository has."""
_PROGRAM_FOLDERS: Final = ("backend/src/sounditout",)
_TEST_FOLDERS: Final = ("backend/tests", "bench")


def list_sse() -> None:
    """List what would be deleted when SSE goes for good, and what would have to be changed. Nothing is touched.

    To be run from the repository. Switch SSE off first and see whether anybody misses it: SSE_ENABLED=false.
    """
    with explained():
        gone, changed = sse_in(_REPOSITORY)
        print_line(f"To be deleted: {len(gone)}")
        for one in gone:
            place = one.path if one.line is None else f"{one.path}:{one.line}"
            print_line(f"  {one.kind:<8} {place}{'' if one.line is None else f'  {one.name}'}")
        print_line(f"\nTo be changed, as they speak of it: {len(changed)} files")
        for each in changed:
            print_line(f"  {each.path}:{','.join(map(str, each.lines))}")


def sse_in(root: Path) -> "tuple[list[Gone], list[Changed]]":
    """What is of SSE in a repository, and what speaks of it.

    Raises:
        CommandFailed: there is no repository.
    """
    if not all((root / mark).is_dir() for mark in _REPOSITORY_HAS):
        raise CommandFailed(
            "no_repository",
            "This program was installed without its repository, so there is nothing to look through. Run it from a "
            "checkout: `uv run --project backend sounditout retirement`.",
        )
    from sounditout.cli.sse_names import changed
    from sounditout.cli.sse_python import Modules
    from sounditout.cli.sse_texts import Scripts, configurations, documents, sections

    scripts, program, tests = Scripts(root), Modules(root, _PROGRAM_FOLDERS), Modules(root, _TEST_FOLDERS)
    program.find_named()
    program.find_served()
    tests.find_named()
    texts = documents(root)
    gone = [*chain(program.gone(), tests.gone(), scripts.gone(), sections(root, texts))]
    names = program.names
    speaking = chain.from_iterable(changed(root, path, set()) for path in [*texts, *configurations(root)])
    return gone, [*chain(program.changed(names), tests.changed(names), scripts.changed(), speaking)]
