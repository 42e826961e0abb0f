"""Which of the statements that the extraction suspects are problems in the project that they are part of."""

from collections.abc import Iterator

from server.analysis.project import Found
from server.analysis.rule import Problem
from server.analysis.web.binding import sets_rights, takes_anything
from server.analysis.web.columns import has_secret_column
from server.analysis.web.disclosure import ERROR_DETAILS
from server.analysis.web.facts import Function, Sign, Suspect
from server.analysis.web.judging import Scene
from server.analysis.web.kept_passwords import HASHES, NEVER_HASHED
from server.analysis.web.lowered.passwords import HASHED_BY_HOOK, KEPT
from server.reviews.finding import Severity


def suspected(scene: Scene) -> Iterator[Found]:
    for path, facts in scene.app.files.items():
        told: set[str] = set()
        for function in facts.functions:
            for suspect in function.suspects:
                is_mild = suspect.rule is ERROR_DETAILS and suspect.hit.severity is Severity.LOW
                if is_mild and suspect.rule.id in told:
                    continue  # One habit of the file's author, not a defect of each handler.
                if _holds(suspect, path, function, scene):
                    told.add(suspect.rule.id)
                    yield Found(path, Problem(suspect.rule, suspect.hit))


def _holds(suspect: Suspect, path: str, function: Function, scene: Scene) -> bool:
    needs = suspect.needs
    about = _class_of(suspect.about, path, function, scene)
    if needs == "guarded fields":
        if takes_anything(about, path, scene):
            needs = "route"
        elif not sets_rights(about, path, scene):
            return False
    elif needs == "secret fields":
        if not any(cls.told for _, cls in scene.app.family(about, path)):
            return False
        needs = "route"
    elif needs == "secret columns":
        kinds = [cls for _, cls in scene.app.family(about, path)]
        is_table = any("__tablename__" in cls.attributes or "table" in cls.bases for cls in kinds)
        if not is_table or not any(has_secret_column(cls.attributes) for cls in kinds):
            return False
        needs = "route"
    elif suspect.about and (not about or scene.site.takes_apart(about, path)):
        return False
    if needs == NEVER_HASHED:
        if any(HASHES.search(name) for name in scene.app.called):
            return False
        needs = "route"
    if needs == KEPT:
        return HASHED_BY_HOOK not in scene.app.called
    if not needs:
        return True
    routes = scene.site.reached.get((path, function.qualified, function.head.start_line), [])
    if not routes:
        return False
    if needs in ("open", "guarded fields"):
        return not any((route.guards | route.signs) & Sign.ROLE for route in routes)
    if needs == "own session":
        return all(route.is_guarded and not (route.guards | route.signs) & (Sign.ROLE | Sign.OWNER) for route in routes)
    if needs == "session":
        return all(route.is_guarded for route in routes)
    if needs == "stranger":
        return not any(route.is_guarded for route in routes)
    return True


def _class_of(about: str, path: str, function: Function, scene: Scene) -> str:
    """The class that *about* names, or that the function behind its `=` gives an object of; "" where nobody knows."""
    if not about.startswith("="):
        return about
    giver = scene.app.function(about[1:], path, function.qualified.rpartition(".")[0])
    return giver[1].returns if giver is not None else ""
