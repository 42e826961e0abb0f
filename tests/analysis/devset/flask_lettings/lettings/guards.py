from functools import wraps

from flask import abort, g, redirect, request, url_for


def person_required(view):
    @wraps(view)
    def guarded(*args, **kwargs):
        if g.person is None:
            return redirect(url_for("accounts.login", next=request.full_path))
        return view(*args, **kwargs)

    return guarded


def landlord_required(view):
    @wraps(view)
    @person_required
    def guarded(*args, **kwargs):
        if g.person["role"] != "landlord":
            abort(403)
        return view(*args, **kwargs)

    return guarded


def audited(view):
    @wraps(view)
    def noted(*args, **kwargs):
        return view(*args, **kwargs)

    return noted
