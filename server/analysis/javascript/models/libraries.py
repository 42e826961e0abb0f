"""Packages that turn text into something else: templates, documents, objects."""

from server.analysis.flow.models import (
    ALL_DANGERS,
    Danger,
    Guard,
    Harmless,
    Model,
    Returns,
    Sanitizer,
    Sink,
    Through,
    When,
)
from server.analysis.javascript.models.names import under
from server.analysis.javascript.models.rules import PROTOTYPE_POLLUTION
from server.analysis.rules import TEMPLATE_FROM_TEXT, UNSAFE_DESERIALIZATION, XML_ENTITIES
from server.reviews.finding import Confidence, Severity

_TEMPLATES: tuple[Model, ...] = (
    Sink(
        (
            *under("ejs", "render compile"),
            *under("pug", "render compile compileClient"),
            *under("jade", "render compile"),
            *under("handlebars", "compile precompile"),
            *under("Handlebars", "compile precompile"),
            *under("nunjucks", "renderString compile"),
            *("lodash.template", "underscore.template", "_.template", "nunjucks.Environment.renderString"),
            *under("eta", "render renderString renderStringAsync"),
            *under("dot", "template compile"),
            *under("swig", "render compile"),
            *(
                "squirrelly.render",
                "twig.twig",
                "velocityjs.render",
                "art-template.render",
                "hogan.js.compile",
                "mustache.compile",
            ),
        ),
        Danger.TEMPLATE,
        TEMPLATE_FROM_TEXT,
        (0, "data"),
        severity=Severity.CRITICAL,
    ),
)

_FILLED: tuple[Model, ...] = tuple(Through(model.names, (0,)) for model in _TEMPLATES if isinstance(model, Sink))
"""Engines escape the values that they fill into a template: their result is as hostile as the template."""

_DOCUMENTS: tuple[Model, ...] = (
    Sink(
        (
            *under("libxmljs", "parseXml parseXmlString parseHtml parseXmlAsync"),
            *under("libxmljs2", "parseXml parseXmlString parseXmlAsync"),
            "libxmljs.Document.fromXml",
        ),
        Danger.XML,
        XML_ENTITIES,
        when=(When(("noent",), (True,)),),
    ),
    Sink(("node-expat.Parser.parse", "xml2json.toJson"), Danger.XML, XML_ENTITIES, confidence=Confidence.LOW),
    Sink(
        (
            *("node-serialize.unserialize", "serialize-to-js.deserialize", "funcster.deepDeserialize", "cryo.parse"),
            *(
                "js-yaml.unsafeLoad",
                "v8.deserialize",
                "serialize-javascript.deserialize",
                "phpunserialize",
                "bson.deserialize",
            ),
        ),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("js-yaml.load", "js-yaml.loadAll"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        unless=(When(("schema",), (), otherwise=True),),
        confidence=Confidence.LOW,
        severity=Severity.MEDIUM,
    ),
)

_MERGES: tuple[Model, ...] = (
    Sink(
        (
            *under("lodash", "merge mergeWith defaultsDeep"),
            *under("_", "merge mergeWith defaultsDeep"),
            *(
                "lodash.merge",
                "lodash.mergewith",
                "lodash.defaultsdeep",
                "deepmerge",
                "merge",
                "merge-deep",
                "deep-extend",
            ),
            *(
                "extend",
                "just-extend",
                "node.extend",
                "hoek.merge",
                "@hapi.hoek.merge",
                "mixin-deep",
                "merge-objects",
                "defaults-deep",
            ),
        ),
        Danger.PROTOTYPE,
        PROTOTYPE_POLLUTION,
        (1, 2, 3),
    ),
    Sink(
        ("$.extend", "jQuery.extend", "angular.merge"),
        Danger.PROTOTYPE,
        PROTOTYPE_POLLUTION,
        (2, 3),
        when=(When((0,), (True,)),),
    ),
    Sink(
        (
            *under("lodash", "set setWith"),
            *under("_", "set setWith"),
            "lodash.set",
            "dot-prop.set",
            "object-path.set",
            "set-value",
        ),
        Danger.PROTOTYPE,
        PROTOTYPE_POLLUTION,
        (1,),
    ),
)

_CHECKS: tuple[Model, ...] = (
    Returns(("crypto.createHash", "crypto.createHmac", "crypto.Hash.update"), "crypto.Hash"),
    Guard(
        (
            *under(
                "validator",
                "isInt isNumeric isAlphanumeric isAlpha isUUID isMongoId isBoolean isDecimal isFloat isHexadecimal",
            ),
            *under("validator", "isIn isIP isISO8601 isDate isPort isSlug whitelist"),
            *(
                "mongoose.isValidObjectId",
                "mongoose.Types.ObjectId.isValid",
                "uuid.validate",
                "mongodb.ObjectId.isValid",
            ),
        ),
        ALL_DANGERS,
    ),
    Harmless(
        (
            *("mongoose.Types.ObjectId", "mongodb.ObjectId", "mongodb.ObjectID", "bson.ObjectId", "validator.toInt"),
            *("validator.toFloat", "validator.isEmail", "uuid.v4", "bcrypt.hash", "bcrypt.hashSync", "bcrypt.compare"),
            *(
                "bcryptjs.hash",
                "bcryptjs.hashSync",
                "bcryptjs.compare",
                "argon2.hash",
                "argon2.verify",
                "nanoid.nanoid",
            ),
            *("*.digest", "crypto.Hash.digest", "validator.toBoolean", "validator.toDate"),
        )
    ),
    Sanitizer(("validator.whitelist", "slugify", "*.slugify"), ALL_DANGERS),
)

MODELS: tuple[Model, ...] = (*_TEMPLATES, *_FILLED, *_DOCUMENTS, *_MERGES, *_CHECKS)
