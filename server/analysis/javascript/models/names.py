"""How the tables write many dotted names short."""


def under(prefix: str, names: str) -> tuple[str, ...]:
    """`under("fs", "stat open")` is `("fs.stat", "fs.open")`."""
    return tuple(f"{prefix}.{name}" for name in names.split())


def methods(names: str) -> tuple[str, ...]:
    """Of values of unknown type."""
    return under("*", names)
