"""The words by which code of the lowered languages tells of access; names are asked in snake case. Data."""

import re
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=50_000)
def snake(name: str) -> str:
    """`currentUserID`, `$currentUserId` and `current_user_id?` are one word."""
    return _HUMP.sub("_", name.strip("$@!?")).lower()


def singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


ME = re.compile(
    r"^(?:get_|find_|load_|the_)?(?:current|logged_in|logged|auth|authenticated|acting|signed_in|session|calling)_"
    r"(?:user|account|member|customer|admin|person|employee|principal|profile|patient|staff|owner|identity|login)"
    r"(?:_?id|_name|_email|_details)?(?:_or_\w+)?$"
    r"|^(?:principal|authentication|user_principal|get_user_principal|remote_user|get_remote_user|identity|claims"
    r"|security_context_holder|security_context|get_security_context|viewer|current|warden|get_principal"
    r"|requesting_user|request_user|userid_from_token|user_signed_in|logged_in|is_logged_in|get_logged_in_user"
    r"|is_authenticated|is_granted|authenticated_userid)$"
)
"""Who is there, by the name of a variable, method or attribute."""

USER_PART = re.compile(
    r"^(?:user|person(?:_?id)?|uid|user_?id|user_?name|account(?:_?id)?|member(?:_?id)?|customer(?:_?id)?|employee(?:_?id)?"
    r"|admin(?:_?id)?|auth(?:_user|enticated)?|logged_?in(?:_user)?|is_?logged_?in|login|login_id|email|principal|claims"
    r"|identity|user_?key|ctx_?user|context_?user(?:_?key)?|who_?key|role|is_?admin|current_?user(?:_?id)?|session_?user"
    r"|user_?role|user_?ctx_?key|auth_?key|auth_?user_?key|user_context_key|id|sub)$"
)
"""A key of a session or a request's context under which the user is kept."""

USER_CALL = re.compile(
    r"^(?:get_|must_|current_|require_|fetch_|load_)*(?:user|account|member|viewer|caller|subject|actor|principal|claims"
    r"|session_user)(?:_?id|_name|_email)?(?:_from(?:_\w+)?)?$|_from_(?:context|ctx|request|session|token|jwt|header)$"
)
"""`userID(r)`: a function of the project that is given only the request."""

USER_TYPE = re.compile(
    r"(?:^|\.)(?:Principal|Authentication|UserDetails|UserPrincipal|Jwt|OidcUser|OAuth2User|SecurityContext|UserInterface"
    r"|JwtAuthenticationToken|\w*CurrentUser|AuthUser|LoggedInUser|SecurityIdentity|JsonWebToken|Claims)$"
)
USER_NAMED = re.compile(
    r"^(?:user|viewer|actor|caller|account|member|me|principal|auth|customer|owner|requester|patient|current)(?:_?id)?$"
)
"""A parameter of a service by this name is who asks."""

HOLDERS = frozenset(
    {"r", "req", "request", "$request", "c", "ctx", "context", "session", "$session", "auth", "Auth", "this", "$this"}
    | {"Current", "self", "w", "exchange", "$req", "app", "locals", "claims", "token", "env", "httpRequest", "session_"}
)

REFUSES = re.compile(
    r"unauthori[sz]ed|forbidden|access_?denied|permission_?denied|not_?authenticated|not_?authori[sz]ed|not_?allowed"
    r"|unauthenticated|deny_?access|abort_?unless|require_?login|login_?required",
    re.IGNORECASE,
)
LOGIN_TEXT = re.compile(r"(?:^|/)(?:login|sign[-_]?in|log[-_]in|session/new)(?:\.php|$|\?|/)", re.IGNORECASE)

CHECKERS = re.compile(
    r"^(?:has_perm\w*|check_\w*(?:perm|owner|access|role|admin|auth)\w*|authori[sz]e\w*|can|can_\w+|cannot|has_\w*role\w*"
    r"|is_owner\w*|owned_?by\w*|owns\w*|require_\w*(?:owner|role|admin|perm|access|member)\w*|ensure_\w*(?:owner|access"
    r"|perm|role|admin|can)\w*|assert_\w*(?:owner|access|perm|can)\w*|verify_\w*(?:owner|access|perm)\w*|user_can\w*"
    r"|has_\w*(?:permission|access|authority|privilege)\w*|is_allowed\w*|is_granted|deny_access_unless_granted|enforce\w*"
    r"|\w*_allowed_to\w*|is_member\w*|belongs_to_user|policy|policy_scope|is_user_in_role|accessible_by|visible_to"
    r"|for_user|allows|denies|load_and_authorize_resource|is_admin|admin)$"
)
"""A call by this name asks what somebody may do, or whose something is."""

SCOPES = re.compile(
    r"^(?:authorize\w*|policy|policy_scope|accessible_by|visible_to|for_user|owned_by\w*|belongs_to_user)$"
)

AUTHENTICATES = re.compile(
    r"^(?:authenticate(?:_\w+)?|require_?(?:login|auth\w*|user|session|signed_in|logged_in|token|api_key|member)\w*"
    r"|ensure_?(?:login|logged_in|auth\w*|signed_in|user|session)\w*|check_?(?:login|auth\w*|session|api_key|user|token"
    r"|access|logged_in)\w*|verify_?(?:jwt|token|session|user|login|api_key|access_token|id_token|signature)\w*"
    r"|login_required|protected|protect|authorized|restrict\w*|assert_logged_in|need_login|must_be_logged_in|auth_check"
    r"|auth|is_logged_in|logged_in|validate_?(?:token|jwt|session|api_key|access_token)|parse_?(?:jwt|token|claims)"
    r"|parse_with_claims|jwt_decode|construct_event)$"
)
"""A call by this name asks who is there."""

COMPARES_SECRETS = re.compile(
    r"^(?:hash_equals|secure_compare|fixed_length_secure_compare|constant_time_compare|is_equal|verify_signature"
    r"|construct_event|valid_signature|validate_signature)$"
)

ENTERS = re.compile(
    r"^(?:login|log_in|login_user|sign_in|signin|attempt|login_using_id|once_using_id|create_token|create_access_token"
    r"|generate_token|generate_jwt|issue|issue_token|issue_jwt|new_with_claims|create_session|start_session|make_token"
    r"|generate_access_token|create_jwt|create_refresh_token|remember_me|auto_login)$"
)
LEAVES = re.compile(
    r"^(?:logout|log_out|sign_out|reset_session|session_destroy|invalidate|session_unset|destroy_session|end_session"
    r"|clear_session|delete_cookie|revoke|revoke_token|remove_attribute|flush)$"
)
PASSWORD = re.compile(r"passw|(?:^|_)pwd(?:$|_)|passcode|(?:^|_)pin(?:$|_)|passphrase")
RENEWS = re.compile(
    r"session_regenerate_id|reset_session|regenerate|changeSessionId|invalidate\(|migrate\(|renew|session\.clear"
    r"|session_options|\.Clear\(|session\.destroy|newSession",
    re.IGNORECASE,
)
OWNER_FIELD = re.compile(
    r"^(?:user|owner|author|creator|customer|account|member|seller|buyer|sender|receiver|recipient|patient|uploader"
    r"|employee|student|client|person|created_by|uploaded_by|owned_by|posted_by|submitted_by|tenant|borrower|renter"
    r"|organi[sz]ation|company)(?:_?id|_name|_pk|_email)?$|^(?:userid|uid|ownerid)$"
)
GUARDED_FIELD = re.compile(
    r"^(?:is_?)?(?:admin|staff|superuser|verified|approved|enabled|active|locked)$|^(?:user_?)?roles?(?:_id)?$"
    r"|^(?:balance|credits?|price|status|permissions?|authorities|privileges?|access_level|plan|paid)$"
    r"|^(?:user|owner|author|customer|account|tenant)(?:_id)?$|^password_?(?:hash|digest)$"
)
"""A field that a request must not set."""

PRIVILEGE = re.compile(
    r"^(?:is_?)?(?:admin|staff|superuser|super_admin|moderator)$|^(?:user_?)?roles?(?:_id|_ids)?$|^user_?type$"
    r"|^privileges?$|^permissions?$|^access_?level$"
)
UPLOAD_CHECKS = re.compile(
    r"allowed|extension|pathinfo|endsWith|end_with|content_?type|mime|finfo|getimagesize|exif_imagetype|magic|validat"
    r"|verify|isImage|\bext\b|\.Ext\(|filepath\.Ext|DetectContentType|whitelist|allow_?list|extname|isValid\b|checkFile"
    r"|guessExtension|permitted|ImageIO\.read|random|uuid\w*\(\)\s*\+?\s*[\"'.]*\w{0,4}[\"']?\s*\)",
    re.IGNORECASE,
)
"""What code says that looks at what an uploaded file is."""
