"""One test of many files: a rule of the house holds for each, and a failure names every one that breaks it."""

from collections.abc import Callable, Iterable


def of_each[Case](
    cases: Iterable[Case], name: Callable[[Case], str] = str
) -> Callable[[Callable[[Case], None]], Callable[[], None]]:
    """Return a decorator that makes one test of all cases from the test of one."""
    listed = list(cases)

    def made(test: Callable[[Case], None]) -> Callable[[], None]:
        def every() -> None:
            offenders = []
            for case in listed:
                try:
                    test(case)
                except AssertionError as error:
                    offenders.append(f"{name(case)}: {error}")
            assert not offenders, "\n".join([f"{len(offenders)} of {len(listed)} break the rule", *offenders])

        every.__name__, every.__qualname__, every.__module__ = test.__name__, test.__qualname__, test.__module__
        every.__doc__ = test.__doc__
        return every

    return made
