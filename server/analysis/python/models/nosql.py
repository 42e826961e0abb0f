"""Document databases: MongoDB's queries are objects, and so may be the values of a JSON body."""

from server.analysis.flow.models import Danger, Harmless, Model, Origin, Returns, Sanitizer, Sink, Source
from server.analysis.flow.rules import NOSQL_INJECTION
from server.analysis.flow.words import of_each, under
from server.reviews.finding import Confidence

_CLIENTS = ("pymongo.MongoClient", "motor.motor_asyncio.AsyncIOMotorClient", "pymongo.AsyncMongoClient")
_DATABASE = "pymongo.database.Database"
_COLLECTION = "pymongo.collection.Collection"
_TELLING = (
    "find_one update_one update_many delete_one delete_many replace_one count_documents find_one_and_update"
    " find_one_and_delete find_one_and_replace"
)
_QUERIES = f"find {_TELLING} aggregate distinct remove update count map_reduce find_one_or_404"

MODELS: tuple[Model, ...] = (
    Returns(of_each(_CLIENTS, "* __getitem__ get_database get_default_database"), _DATABASE),
    Returns(("flask_pymongo.PyMongo.db",), _DATABASE),
    Returns(of_each((_DATABASE,), "* __getitem__ get_collection"), _COLLECTION),
    Sink(under(_COLLECTION, _QUERIES), Danger.NOSQL, NOSQL_INJECTION, args=(0, "filter", "pipeline")),
    Sink(
        (*under(_COLLECTION, _QUERIES), *under("*", f"find aggregate {_TELLING}")),
        Danger.CODE,
        NOSQL_INJECTION,
        args=(0, "filter"),
        key="$where",
        message="becomes part of the script of a $where",
    ),
    Sink(
        under("*", _TELLING),
        Danger.NOSQL,
        NOSQL_INJECTION,
        args=(0, "filter"),
        confidence=Confidence.MEDIUM,
    ),
    Sink(
        ("mongoengine.Document.objects", "mongoengine.QuerySet.filter"),
        Danger.NOSQL,
        NOSQL_INJECTION,
        args=("__raw__",),
    ),
    Sanitizer(("str", "bson.ObjectId", "bson.objectid.ObjectId", "re.escape"), frozenset({Danger.NOSQL})),
    Source(
        (*under(_COLLECTION, "find find_one aggregate find_one_or_404"), "*.find_one"),
        Origin.DATABASE,
        "a document of the database",
    ),
    Harmless((*under(_COLLECTION, _QUERIES), *under("*", f"{_TELLING} insert_one insert_many"))),
)
