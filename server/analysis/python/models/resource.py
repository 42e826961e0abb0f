"""Time and memory whose amount somebody else chooses."""

from server.analysis.flow.models import Danger, Model, Sanitizer, Sink
from server.analysis.flow.rules import DECOMPRESSION_BOMB, RESOURCE_EXHAUSTION
from server.analysis.flow.words import under

MODELS: tuple[Model, ...] = (
    Sink(
        (
            *("time.sleep", "asyncio.sleep", "gevent.sleep", "eventlet.sleep"),
            *("os.urandom", "secrets.token_bytes", "secrets.token_hex"),
            *under("numpy", "zeros ones empty"),
            # Not `range`: nearly every function reaches one, so that an edit would have half a project looked at again.
            *("itertools.repeat", "PIL.Image.new"),
        ),
        Danger.RESOURCE,
        RESOURCE_EXHAUSTION,
        args=(0, 1),
    ),
    Sink(
        (
            *("zlib.decompress", "gzip.decompress", "bz2.decompress", "lzma.decompress", "brotli.decompress"),
            *(
                "snappy.decompress",
                "lz4.frame.decompress",
                "zstandard.decompress",
                "zstd.decompress",
                "blosc.decompress",
            ),
        ),
        Danger.RESOURCE,
        DECOMPRESSION_BOMB,
        args=(0, "data", "string"),
    ),
    Sanitizer(("min", "len", "*.clamp", "numpy.clip"), frozenset({Danger.RESOURCE})),
)
