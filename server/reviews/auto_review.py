"""Whether a pull request is reviewed by itself, as the project's `[auto_review]` has it. Pure.

Who asks for a review is not held against these rules.
"""

import msgspec

from server.reviews.configuration import AutoReview


class Standing(msgspec.Struct, frozen=True):
    """A pull request as it is now. *changed_lines*: those that came and those that went."""

    author: str
    is_draft: bool = False
    labels: tuple[str, ...] = ()
    changed_files: int = 0
    changed_lines: int = 0


def reason_against(rules: AutoReview, standing: Standing) -> str:
    """Why it is not reviewed by itself, for people; "" when it is."""
    if not rules.enabled:
        return "reviews by themselves are switched off in this project"
    if standing.is_draft and not rules.drafts:
        return "the pull request is a draft: it is reviewed once it is ready for review"
    if _any_of(rules.skip_authors, (standing.author,)):
        return f"pull requests of {standing.author} are not reviewed by themselves"
    if skipped := _any_of(rules.skip_labels, standing.labels):
        return f"it is labelled {skipped}"
    if rules.require_labels and not _any_of(rules.require_labels, standing.labels):
        return f"it has none of the labels {', '.join(rules.require_labels)}: give it one"
    return _too_large(rules, standing)


RELABELLED = "labels say nothing of reviews in this project"
REVIEWED_BEFORE = "its head is reviewed already: labels change nothing about that"


def heeds_labels(rules: AutoReview) -> bool:
    return bool(rules.require_labels or rules.skip_labels)


def told_of(rules: AutoReview) -> list[str]:
    """What the rules change, a line each."""
    if not rules.enabled:
        return ["no pull request is reviewed by itself"]
    limits = (("files", rules.max_files), ("lines", rules.max_lines))
    return [
        *(["drafts are reviewed, too"] if rules.drafts else []),
        *(f"reviewed by itself only if labelled: {label}" for label in rules.require_labels),
        *(f"not reviewed by itself if labelled: {label}" for label in rules.skip_labels),
        *(f"not reviewed by itself if of: {author}" for author in rules.skip_authors),
        *(f"not reviewed by itself above {most:,} changed {what}" for what, most in limits if most is not None),
    ]


def _too_large(rules: AutoReview, standing: Standing) -> str:
    sizes = (
        (standing.changed_files, rules.max_files, "files"),
        (standing.changed_lines, rules.max_lines, "lines"),
    )
    for size, most, what in sizes:
        if most is not None and size > most:
            return f"it changes {size:,} {what}, more than the {most:,} of the project's rules"
    return ""


def _any_of(named: tuple[str, ...], given: tuple[str, ...]) -> str:
    """The first of *given* that is named; GitHub tells neither labels nor logins apart by case."""
    known = {name.casefold() for name in named}
    return next((name for name in given if name.casefold() in known), "")
