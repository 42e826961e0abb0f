"""The words by which code tells of access: regular expressions and sets. Data."""

import re

AUTHENTICATION = re.compile(
    r"login|logged|signed_?in|passes_test|auth|jwt|token_required|require|protected|secure[dr]?\b|permission|role|admin|staff"
    r"|superuser"
    r"|current_?user|current_?active|get_?user|verify|api_?key|scope|principal|identity|credential|session_user"
    r"|bearer|oauth"
    r"|member|owner|guard|acl\b|polic|allow|access|restrict|check_?(?:token|user|session|signature|access|key)"
    r"|signature|can_",
    re.IGNORECASE,
)
"""A decorator or dependency of such a name asks who is there, as long as its code says nothing else."""

NOT_AUTHENTICATION = re.compile(
    r"login_exempt|csrf|exempt|require_(?:http|get|post|safe|POST|GET)|require_http|allow_any|allowany|optional"
    r"|get_db|(?:^|\.)get_session$|validate_(?:json|schema|body)|cache_control|anonymous|logout_required"
    r"|author(?!i)|limit"
    r"|use_(?:args|kwargs)|expects|response|marshal|cors|cross_origin|allow_(?:cors|origin)|access_log|secure_headers",
    re.IGNORECASE,
)

ROLE = re.compile(
    r"admin|role|permission|passes_test|staff|superuser|is_super|scope|privilege|has_perm|can_|moderator|manager|acl\b|polic"
    r"|groups?\b"
    r"|is_owner|isowner|authorize|authoris|ability|rbac|has_access|clearance|access_level|user_type|is_teacher|entitle",
    re.IGNORECASE,
)
"""Asks what somebody may do, beyond who they are."""

PUBLIC = re.compile(
    r"log_?in|log_?out|sign_?in|sign_?up|sign_?out|regist|(?:^|[/_-])auth(?:$|[/_-]|enticate)|oauth|callback|token"
    r"|forgot|reset|recover"
    r"|verif|confirm|activat|health|ping|readiness|liveness|heartbeat|static|favicon|robots|webhook|hook|csrf|docs"
    r"|openapi"
    r"|swagger|redoc|version|public|captcha|contact|feedback|subscribe|newsletter|sitemap|rss|invite|sso|saml"
    r"|\.well-known"
    r"|error|not_?found|locale|language|i18n|set_?lang|theme|cookie_?consent|otp|mfa|2fa|refresh|guest|search"
    r"|unsubscribe|(?:^|[/_-])join(?:$|[/ _-])|(?:^|[/_-])shared(?:$|[/ _-])",
    re.IGNORECASE,
)
"""Routes for people who are not (yet) known."""

ADMIN = re.compile(
    r"(?:^|[/_.\-])(?:admin\w*|superuser|backoffice|staff|moderat\w+|root)(?=$|[/_.\-:<{])|Admin(?:[A-Z]|$)"
    r"|manage_?users|all_?users|list_?users"
    r"|(?:^|[/_\-])(?:internal|debug|maintenance|backup|restore|shutdown|reboot|impersonate|promote|demote|grant"
    r"|ban_?user|set_?role|audit(?:[-_]?(?:logs?|trail))?)(?=$|[/_\-<{])",
)
"""Routes that only some people should use."""

PERSONAL = re.compile(
    r"user|account|profile|order|invoice|payment|messag|(?:^|_)notes?(?:$|_)|document|(?:^|_)files?(?:$|_)|ticket"
    r"|patient|record|transaction|card"
    r"|address|report|booking|statement|salar|medical|loan|transfer|secret|credential|basket|cart|receipt|prescription"
    r"|appointment|wallet|contract|employee|customer|member|student|grade|(?:^|_)mails?(?:$|_)|inbox|reservation"
    r"|subscription|beneficiar"
    r"|device|api_?key|session|token|attachment|upload|claim|policy|policies|submission|enrol|health|vault|balance"
    r"|expense|withdraw|complaint|(?:^|_)tenant|resident|applicant|passenger|citizen",
    re.IGNORECASE,
)
"""What belongs to one person, as a model, a table or a word of a path."""

SHARED = re.compile(
    r"product|categor|article|post|stor(?:y|ies)|blog|page|tag|news|event|movie|film|book(?!ing)|song|recipe|course|countr"
    r"|cit(?:y|ies)|faq|item|comment"
    r"|question|answer|topic|thread|forum|review|job|poll|game|team|player|quote|menu|image|photo|video",
    re.IGNORECASE,
)
"""What is mostly there for everybody to read."""

OWNER_FIELD = re.compile(
    r"^(?:user|owner|author|creator|customer|account|member|seller|buyer|sender|receiver|recipient|patient|uploader"
    r"|employee|student"
    r"|client|person|created_by|uploaded_by|owned_by|posted_by|submitted_by|assigned_to|tenant|organi[sz]ation"
    r"|company)(?:_?id|_?name|_?pk|_?email)?$|^(?:userid|uid|username|ownerid)$",
    re.IGNORECASE,
)
"""A column that says whose a row is."""

KEY = re.compile(
    r"^(?:pk|uuid|guid|slug|key|_?id|username|user|email|account|account_?(?:no|number)|acc(?:oun)?t_?no|number"
    r"|name|reference|ref|card_?number)$|_id$|_pk$|_uuid$|[a-z]Id$|^id_|_no$|_number$",
)
"""A parameter or column that picks one row."""

IDENTITY = frozenset(
    {
        "current_user",
        "current_identity",
        "get_jwt_identity",
        "get_jwt",
        "get_jwt_claims",
        "get_raw_jwt",
        "get_current_user",
        "verify_jwt_in_request",
        "authenticated_userid",
        "unauthenticated_userid",
        "get_secure_cookie",
        "get_signed_cookie",
        "current_username",
        "currentuser",
        "logged_in_user",
        "login_user_id",
        "current_user_id",
        "get_user_from_token",
        "get_logged_in_user",
        "user_from_token",
        "is_authenticated",
        "require_login",
        "check_auth",
        "is_logged_in",
        "logged_in",
        "verify_token",
        "decode_token",
        "validate_token",
        "check_token",
        "verify_access_token",
        "decode_jwt",
        "verify_jwt",
        "decode_access_token",
        "decode_auth_token",
        "check_session",
        "compare_digest",
        "verify_signature",
        "construct_event",
        "get_session_user",
        "user_id_from_session",
        "authenticated",
        "current_account",
        "current_member",
        "current_customer",
        "parse_token",
        "require_auth",
        "authenticate_request",
        "verify_id_token",
        "user_from_request",
        "get_authenticated_user",
        "verify_api_key",
        "check_api_key",
        "require_user",
        "get_user_id",
        "get_identity",
        "effective_principals",
        "get_token_auth_header",
    }
)
"""Names whose mere mention asks who is there."""

SECRET_HEADER = re.compile(
    r"^(?:authorization|http_authorization|x-api-key|api-key|apikey|x-auth-token|x-access-token|http_x_api_key"
    r"|x-token|x_api_key"
    r"|x-hub-signature(?:-256)?|x-signature|stripe-signature|x-csrf-token|x-admin-token|x-internal-token|bearer)$",
    re.IGNORECASE,
)

USER_HOLDER = re.compile(
    r"(?:^|\.)(?:request|req|g|self\.request|state|ctx|scope|context|info\.context|session|websocket|connection)$"
)
USER_NAME = re.compile(
    r"^(?:user|current_?user|user_?id|uid|username|user_?name|identity|auth|account|account_?id|principal|email"
    r"|logged_?in|is_?logged_?in|loggedin"
    r"|authenticated|token|access_token|customer_?id|member_?id|admin|is_admin|role|jwt|claims|role_id|user_data"
    r"|userinfo|profile|login|viewer)$",
    re.IGNORECASE,
)

REFUSAL = re.compile(
    r"^(?:HTTP_401_UNAUTHORIZED|HTTP_403_FORBIDDEN|PermissionDenied|Unauthorized|Forbidden|NotAuthenticated"
    r"|AuthenticationFailed"
    r"|HTTPUnauthorized|HTTPForbidden|HttpResponseForbidden|HttpResponseUnauthorized|Unauthenticated"
    r"|PermissionError|NotAuthorized\w*"
    r"|AuthError|AuthenticationError|AuthorizationError|AccessDenied|InvalidTokenError|UNAUTHORIZED|FORBIDDEN"
    r"|redirect_to_login|unauthorized"
    r"|forbidden|NoAuthorizationError|CredentialsException|credentials_exception|\w*(?:Unauthorized|Forbidden"
    r"|PermissionDenied|AccessDenied)\w*)$"
)

LIMITER = re.compile(
    r"limiter|ratelimit|rate_limit|throttl|slowapi|\baxes\b|defender|brute|lockout|locked|attempt|too_?many"
    r"|cooldown|backoff"
    r"|failed_login|login_failures|captcha|fail_count|turnstile|max_tries|retries_left",
    re.IGNORECASE,
)
