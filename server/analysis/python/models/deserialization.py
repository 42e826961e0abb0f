"""Formats that can carry calls. JSON, MessagePack and safe loaders of YAML are no sinks."""

from server.analysis.flow.models import ALL_DANGERS, Danger, Model, Origin, Returns, Sanitizer, Sink, Source, When
from server.analysis.flow.words import of_each, under
from server.analysis.rules import UNSAFE_DESERIALIZATION
from server.reviews.finding import Severity

_PICKLES = (
    "pickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "pickle5",
    "jsonpickle.unpickler",
    "joblib.numpy_pickle",
)

_SAFE_LOADERS = (
    *("yaml.SafeLoader", "yaml.CSafeLoader", "yaml.BaseLoader", "yaml.loader.SafeLoader", "yaml.cyaml.CSafeLoader"),
    *("yaml.FullLoader", "yaml.CFullLoader", "ruamel.yaml.SafeLoader"),
)

_UNSAFE_YAML = "ruamel.yaml.UnsafeYAML"

MODELS: tuple[Model, ...] = (
    Returns(("ruamel.yaml.YAML",), _UNSAFE_YAML, when=(When(("typ",), ("unsafe",)),)),
    Source(
        under("werkzeug.datastructures.FileStorage", "save"),
        Origin.UPLOAD,
        "what was uploaded to that path",
        args=(0, "dst"),
        spares=ALL_DANGERS - {Danger.DESERIALIZATION},
    ),
    Sink(
        (
            *of_each(_PICKLES, "load loads Unpickler"),
            *under("marshal", "load loads"),
            *("jsonpickle.decode", "joblib.load", "shelve.open", "pandas.read_pickle", "shelve.DbfilenameShelf"),
            *("django.contrib.sessions.serializers.PickleSerializer.loads", "pickle.Unpickler.load"),
            *("sklearn.externals.joblib.load", "celery.serialization.pickle.loads", "kombu.utils.pickle.loads"),
            *("keras.models.load_model", "tensorflow.keras.models.load_model", "skops.io.load", "serpy.loads"),
            *("zmq.Socket.recv_pyobj", "mlflow.pyfunc.load_model", "srsly.pickle_loads", "compress_pickle.loads"),
        ),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        args=(0, "data", "file", "filename", "string", "filepath"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("torch.load",),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        args=(0, "f"),
        unless=(When(("weights_only",), (True,)),),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("numpy.load",),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        args=(0, "file"),
        when=(When(("allow_pickle",), (True,)),),
        severity=Severity.CRITICAL,
    ),
    Sink(
        under("yaml", "unsafe_load unsafe_load_all"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        args=(0, "stream"),
        severity=Severity.CRITICAL,
    ),
    Sink(
        under("yaml", "load load_all"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        args=(0, "stream"),
        unless=(When((1, "Loader"), _SAFE_LOADERS),),
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("ruamel.yaml.load", "ruamel.yaml.unsafe_load", f"{_UNSAFE_YAML}.load", f"{_UNSAFE_YAML}.load_all"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sanitizer(
        (
            *(
                "itsdangerous.URLSafeSerializer.loads",
                "itsdangerous.URLSafeTimedSerializer.loads",
                "hmac.compare_digest",
            ),
            *("itsdangerous.Signer.unsign", "itsdangerous.TimestampSigner.unsign", "django.core.signing.loads"),
            *("django.core.signing.Signer.unsign", "cryptography.fernet.Fernet.decrypt"),
        ),
        frozenset(Danger),
    ),
)
