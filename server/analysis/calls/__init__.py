"""Who calls what in a project, as far as names, imports and written types tell. Nothing is evaluated."""
