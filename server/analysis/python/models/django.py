"""Django, Django REST framework, Channels and Django Ninja: requests, views, forms, answers, raw queries.

Templates with `|safe` are another analysis' (`server/analysis/templates/`).
"""

from server.analysis.flow.models import (
    SPREAD,
    Danger,
    EntryPoint,
    Guard,
    Harmless,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
    Subtype,
    When,
)
from server.analysis.flow.rules import MASS_ASSIGNMENT
from server.analysis.flow.words import (
    FILE_OBJECT,
    HTTP_VERBS,
    OWN_ADDRESS,
    OWN_HEADER,
    TEXT_ONLY,
    of_each,
    under,
)
from server.analysis.rules import HTML_FROM_TEXT, OPEN_REDIRECT, SQL_FROM_TEXT, TEMPLATE_FROM_TEXT
from server.reviews.finding import Confidence, Severity

REQUEST = "django.http.HttpRequest"
MANAGER = "django.db.models.Manager"
QUERY_SET = "django.db.models.QuerySet"
VIEW = "django.views.View"
FORM = "django.forms.Form"
SERIALIZER = "rest_framework.serializers.Serializer"

_REQUEST_TYPE = ((("request"), REQUEST),)
_VERBS = tuple(HTTP_VERBS.split())

_GENERIC_VIEWS = under(
    "django.views.generic",
    "View TemplateView RedirectView ListView DetailView CreateView UpdateView DeleteView FormView ArchiveIndexView"
    " base.View base.TemplateView base.RedirectView list.ListView detail.DetailView edit.CreateView edit.UpdateView"
    " edit.DeleteView edit.FormView edit.FormMixin detail.SingleObjectMixin list.MultipleObjectMixin",
)
_API_VIEWS = (
    "rest_framework.views.APIView",
    *under(
        "rest_framework.generics",
        "GenericAPIView ListAPIView CreateAPIView RetrieveAPIView UpdateAPIView DestroyAPIView ListCreateAPIView"
        " RetrieveUpdateAPIView RetrieveDestroyAPIView RetrieveUpdateDestroyAPIView",
    ),
    *under("rest_framework.viewsets", "ViewSet GenericViewSet ModelViewSet ReadOnlyModelViewSet"),
)
_VIEW_DECORATORS = (
    *under(
        "django.views.decorators",
        "csrf.csrf_exempt csrf.csrf_protect csrf.ensure_csrf_cookie http.require_POST http.require_GET"
        " http.require_safe http.require_http_methods cache.cache_page cache.never_cache gzip.gzip_page"
        " clickjacking.xframe_options_exempt clickjacking.xframe_options_sameorigin",
    ),
    *under("django.contrib.auth.decorators", "login_required permission_required user_passes_test login_not_required"),
    "django.contrib.admin.views.decorators.staff_member_required",
    *under("rest_framework.decorators", "api_view action detail_route list_route"),
)
_ANSWERS = under(
    "django.http",
    "HttpResponse HttpResponseBadRequest HttpResponseNotFound HttpResponseForbidden HttpResponseServerError"
    " HttpResponseNotAllowed HttpResponseGone StreamingHttpResponse response.HttpResponse",
)

_MODELS = under(
    "django.contrib",
    "auth.models.User auth.models.Group auth.models.Permission auth.models.AbstractUser sessions.models.Session"
    " contenttypes.models.ContentType sites.models.Site admin.models.LogEntry",
)

_TYPES: tuple[Model, ...] = (
    *(
        Subtype(alias, REQUEST)
        for alias in (
            *("django.http.request.HttpRequest", "django.core.handlers.wsgi.WSGIRequest"),
            *("django.core.handlers.asgi.ASGIRequest", "rest_framework.request.Request"),
        )
    ),
    *(Subtype(view, VIEW) for view in (*_GENERIC_VIEWS, *_API_VIEWS)),
    *(
        Subtype(form, FORM)
        for form in under("django.forms", "ModelForm BaseForm forms.Form forms.BaseForm models.ModelForm")
    ),
    *(
        Subtype(serializer, SERIALIZER)
        for serializer in under(
            "rest_framework.serializers", "ModelSerializer HyperlinkedModelSerializer ListSerializer BaseSerializer"
        )
    ),
    Returns((f"{VIEW}.request", "django.utils.deprecation.MiddlewareMixin.request"), REQUEST),
    Returns((f"{REQUEST}.FILES",), "django.http.Files"),
    Returns(of_each(("django.http.Files",), "get getlist __getitem__ values"), "django.http.UploadedFile"),
    Returns(
        of_each(("django.db.models.Model", *_MODELS), "objects _default_manager _base_manager"),
        MANAGER,
    ),
    Returns(("django.template.Context.__getitem__",), REQUEST),
    Returns(("django.contrib.auth.get_user_model",), "django.contrib.auth.models.User"),
    Subtype(MANAGER, QUERY_SET),
    Returns((f"{QUERY_SET}.as_manager",), MANAGER),
    Returns(
        of_each(
            (QUERY_SET,),
            "all filter exclude annotate alias order_by distinct values values_list select_related prefetch_related"
            " using only defer reverse union none get_queryset extra raw",
        ),
        QUERY_SET,
    ),
)

_SOURCES: tuple[Model, ...] = (
    Source(under(REQUEST, "GET query_params QUERY_PARAMS"), Origin.REQUEST, "a query parameter", spares=TEXT_ONLY),
    Source(under(REQUEST, "POST REQUEST"), Origin.REQUEST, "a form field", spares=TEXT_ONLY),
    Source(under(REQUEST, "body data DATA read readline readlines"), Origin.REQUEST, "the request's body"),
    Source(under(REQUEST, "META headers content_type"), Origin.REQUEST, "a request header", spares=OWN_HEADER),
    Source((f"{REQUEST}.COOKIES",), Origin.REQUEST, "a cookie", spares=OWN_HEADER),
    Source(
        under(REQUEST, "path path_info get_full_path get_full_path_info build_absolute_uri get_host get_raw_uri"),
        Origin.REQUEST,
        "the request's address",
        spares=OWN_ADDRESS,
    ),
    Source((f"{REQUEST}.FILES",), Origin.UPLOAD, "an uploaded file", spares=FILE_OBJECT),
    Source(
        under("django.http.UploadedFile", "file __iter__"),
        Origin.UPLOAD,
        "an uploaded file",
        spares=FILE_OBJECT,
    ),
    Source(
        under("django.http.UploadedFile", "name content_type read chunks readlines"),
        Origin.UPLOAD,
        "an uploaded file's name",
        spares=TEXT_ONLY,
    ),
    Source(under(VIEW, "kwargs args"), Origin.REQUEST, "a path parameter", spares=TEXT_ONLY | {Danger.MASS_ASSIGNMENT}),
    Source((f"{FORM}.data",), Origin.REQUEST, "a form field", spares=TEXT_ONLY | {Danger.PATH}),
    Source(
        (f"{FORM}.cleaned_data",),
        Origin.REQUEST,
        "a form field",
        spares=TEXT_ONLY | {Danger.PATH, Danger.REDIRECT, Danger.MASS_ASSIGNMENT},  # which its clean_ methods look at
    ),
    Source(under(SERIALIZER, "initial_data"), Origin.REQUEST, "the request's body"),
    Source(
        under(SERIALIZER, "validated_data"),
        Origin.REQUEST,
        "the request's body",
        spares=frozenset({Danger.MASS_ASSIGNMENT}),  # whose fields the serializer lists
    ),
    Source(under("channels.generic.websocket.WebsocketConsumer", "scope"), Origin.REQUEST, "the request's address"),
)

_ENTRY_POINTS: tuple[Model, ...] = (
    EntryPoint(Origin.REQUEST, "a path parameter", spares=TEXT_ONLY, decorators=_VIEW_DECORATORS, types=_REQUEST_TYPE),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=(VIEW, *_GENERIC_VIEWS),
        methods=(*_VERBS, "dispatch", "http_method_not_allowed"),
        types=_REQUEST_TYPE,
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=_API_VIEWS,
        methods=(*_VERBS, "list", "create", "retrieve", "update", "partial_update", "destroy"),
        types=_REQUEST_TYPE,
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        types=_REQUEST_TYPE,
        imports=("django", "rest_framework", "ninja"),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a value of a template",
        decorators=("django.template.Library.filter",),
        types=(("context", "django.template.Context"), ("autoescape", "")),
    ),
    EntryPoint(
        Origin.DATABASE,  # mostly objects, of which a tag shows a part
        "a value of a template",
        decorators=under("django.template.Library", "simple_tag simple_block_tag inclusion_tag"),
        types=(("context", "django.template.Context"), ("content", "")),
    ),
    EntryPoint(
        Origin.DATABASE,
        "an object of the database",
        bases=under("django.contrib.admin", "ModelAdmin TabularInline StackedInline options.ModelAdmin"),
        types=_REQUEST_TYPE,
    ),
    EntryPoint(
        Origin.REQUEST,
        "a form field",
        bases=_GENERIC_VIEWS,
        methods=("form_valid", "form_invalid"),
        types=(("form", FORM),),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a path parameter",
        spares=TEXT_ONLY,
        bases=(*under("django.views.generic", "RedirectView base.RedirectView"), "django.contrib.auth.views.LoginView"),
        methods=("get_redirect_url", "get_success_url", "get_default_redirect_url"),
        answers="django.shortcuts.redirect",
    ),
    EntryPoint(
        Origin.ARGUMENT,
        "a command line argument",
        bases=under("django.core.management.base", "BaseCommand LabelCommand AppCommand"),
        methods=("handle", "handle_label"),
    ),
    EntryPoint(
        Origin.REQUEST,
        "a parameter of a route",
        decorators=of_each(("ninja.NinjaAPI", "ninja.Router"), f"{HTTP_VERBS} api_operation"),
        types=_REQUEST_TYPE,
    ),
    EntryPoint(
        Origin.MESSAGE,
        "a websocket message",
        bases=under(
            "channels.generic.websocket",
            "WebsocketConsumer AsyncWebsocketConsumer JsonWebsocketConsumer AsyncJsonWebsocketConsumer",
        ),
        methods=("receive", "receive_json"),
    ),
)

_SINKS: tuple[Model, ...] = (
    Sink(
        _ANSWERS,
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "content", "streaming_content"),
        when=(
            When(("content_type", 1), ("text/html", "text/html; charset=utf-8"), absent=True),
            When(("mimetype",), ("text/html",), absent=True),
        ),
        severity=Severity.HIGH,
        message="goes into an answer that is HTML",
    ),
    Sink(
        _ANSWERS,
        Danger.HTML,
        HTML_FROM_TEXT,
        args=(0, "content"),
        when=(When(("content_type", 1), ("application/javascript", "text/javascript", "application/x-javascript")),),
        message="goes into an answer that is a script",
    ),
    Sink(
        (
            *under("django.utils.safestring", "mark_safe SafeString SafeText SafeData"),
            *("django.utils.html.format_html", "django.template.defaultfilters.safe", "django.utils.html.mark_safe"),
            "django.utils.html.html_safe",
        ),
        Danger.HTML,
        HTML_FROM_TEXT,
        severity=Severity.HIGH,
    ),
    Sink(("django.utils.html.format_html_join",), Danger.HTML, HTML_FROM_TEXT, args=(0, 1)),
    Sink(
        (
            *("django.template.Template", "django.template.base.Template", "django.template.Engine.from_string"),
            *(
                "django.template.engine.Engine.from_string",
                "django.template.backends.django.DjangoTemplates.from_string",
            ),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        args=(0, "template_string", "template_code"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *("django.shortcuts.redirect", "django.http.HttpResponseRedirect"),
            *("django.http.HttpResponsePermanentRedirect", "django.http.response.HttpResponseRedirect"),
        ),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(0, "to", "redirect_to"),
    ),
    Sink(
        (f"{QUERY_SET}.raw", "django.db.models.expressions.RawSQL", "django.db.models.RawSQL"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, "raw_query", "sql"),
        severity=Severity.CRITICAL,
    ),
    Sink(("*.raw",), Danger.SQL, SQL_FROM_TEXT, text=r"\bselect\b", confidence=Confidence.MEDIUM),
    Sink(
        (f"{QUERY_SET}.extra", "*.extra"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=(0, 1, "select", "where", "tables", "order_by"),
        parts=True,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("django.db.migrations.RunSQL", "django.db.models.expressions.Func"),
        Danger.SQL,
        SQL_FROM_TEXT,
        args=("sql", "template", "function"),
    ),
    Sink(
        (f"{MANAGER}.create", f"{QUERY_SET}.update", f"{QUERY_SET}.create", "django.db.models.Model"),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        args=(SPREAD,),
    ),
)

_SAFE: tuple[Model, ...] = (
    Sanitizer(
        (
            *under("django.shortcuts", "render render_to_response redirect resolve_url"),
            *("django.template.loader.render_to_string", "django.urls.reverse", "django.urls.reverse_lazy"),
            *("django.http.JsonResponse", "django.core.urlresolvers.reverse", "rest_framework.reverse.reverse"),
            "django.template.backends.django.Template.render",
        ),
        frozenset({Danger.HTML, Danger.REDIRECT, Danger.URL, Danger.HEADER}),
    ),
    Returns(
        ("django.template.loader.get_template", "django.template.loader.select_template"),
        "django.template.backends.django.Template",
    ),
    Returns(("django.template.Engine.from_string", "django.template.Engine.get_template"), "django.template.Template"),
    Returns(
        ("django.template.engines.__getitem__", "django.template.Engine.get_default"),
        "django.template.Engine",
    ),
    Returns(
        under("rest_framework.generics.GenericAPIView", "get_serializer serializer_class"),
        SERIALIZER,
    ),
    Sanitizer(("django.template.Template.render", "django.template.Context"), frozenset({Danger.HTML})),
    Sanitizer(
        (
            *under("django.utils.html", "escape conditional_escape escapejs format_html format_html_join json_script"),
            *under("django.utils.html", "linebreaks urlize strip_tags"),
            *under("django.template.defaultfilters", "escape force_escape escapejs striptags slugify urlencode"),
            "django.utils.text.slugify",
        ),
        frozenset({Danger.HTML}),
    ),
    Sanitizer(("django.utils.text.slugify",), frozenset({Danger.PATH, Danger.SQL, Danger.COMMAND, Danger.REDIRECT})),
    Sanitizer(
        under("django.utils", "text.get_valid_filename _os.safe_join http.urlencode http.urlquote"),
        frozenset({Danger.PATH, Danger.HEADER}),
    ),
    Sanitizer((f"{REQUEST}.user", f"{REQUEST}.session", f"{REQUEST}.method", f"{REQUEST}.auth"), frozenset(Danger)),
    Guard(
        (
            *under("django.utils.http", "url_has_allowed_host_and_scheme is_safe_url"),
            *("*.is_safe_url", "*.is_safe_redirect", "*.is_safe_redirect_url", "*.url_has_allowed_host_and_scheme"),
            *("*.is_local_url", "*.is_relative_url", "*.is_same_origin", "*.same_origin", "*.is_valid_redirect"),
        ),
        frozenset({Danger.REDIRECT, Danger.URL}),
    ),
    Harmless(
        (
            *under("django.contrib.auth", "authenticate get_user_model get_user hashers.make_password"),
            *under("django.shortcuts", "get_object_or_404 get_list_or_404"),
            *of_each(
                (QUERY_SET,),
                "get filter exclude all first last exists count get_or_create update_or_create create update delete"
                " aggregate in_bulk earliest latest values values_list annotate order_by bulk_create iterator raw"
                " extra",
            ),
        )
    ),
)

_OBJECTS: tuple[Model, ...] = (
    Source(
        (
            *of_each((QUERY_SET,), "get first last earliest latest iterator __iter__ __getitem__"),
            *under("django.shortcuts", "get_object_or_404 get_list_or_404"),
            *of_each(
                (
                    *under("rest_framework.viewsets", "ModelViewSet GenericViewSet ReadOnlyModelViewSet"),
                    *("rest_framework.generics.GenericAPIView", "rest_framework.generics.RetrieveAPIView"),
                    *under("django.views.generic", "DetailView UpdateView DeleteView"),
                ),
                "get_object",
            ),
        ),
        Origin.DATABASE,
        "an object of the database",
    ),
)

MODELS: tuple[Model, ...] = (*_TYPES, *_SOURCES, *_OBJECTS, *_ENTRY_POINTS, *_SINKS, *_SAFE)
