"""The file system. Whoever starts a program says which files it opens: only values of strangers count.

Extracting an archive is here too: its member names are paths.
"""

from server.analysis.flow.models import (
    ALL_DANGERS,
    RECEIVER,
    Danger,
    Guard,
    Harmless,
    Model,
    Returns,
    Sanitizer,
    Sink,
    Subtype,
    When,
)
from server.analysis.flow.rules import ARCHIVE_EXTRACTION
from server.analysis.flow.words import of_each, under
from server.analysis.rules import PATH_FROM_REQUEST
from server.reviews.finding import Severity

PATH = "pathlib.Path"

MODELS: tuple[Model, ...] = (
    *(Subtype(alias, PATH) for alias in ("pathlib.PosixPath", "pathlib.PurePath", "anyio.Path", "aiopath.AsyncPath")),
    Returns((PATH, *under(PATH, "joinpath resolve absolute expanduser with_name with_suffix parent")), PATH),
    Sink(
        (
            *("open", "io.open", "codecs.open", "os.open", "aiofiles.open", "anyio.open_file", "gzip.open", "bz2.open"),
            *("lzma.open", "linecache.getline", "linecache.getlines", "fileinput.FileInput", "mmap.mmap"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, "file", "path", "filename"),
        severity=Severity.HIGH,
    ),
    Sink(
        under(
            "os",
            "remove unlink rmdir removedirs listdir scandir walk mkdir makedirs chmod chown truncate readlink utime"
            " mkfifo chdir",
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, "path", "name", "top"),
        severity=Severity.HIGH,
    ),
    Sink(("*.download_file",), Danger.PATH, PATH_FROM_REQUEST, args=(2, "Filename"), severity=Severity.HIGH),
    Sink(
        under("aiofiles.os", "remove unlink rmdir listdir scandir mkdir makedirs rename replace"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1, "path"),
        severity=Severity.HIGH,
    ),
    Sink(
        (
            *under("os", "rename renames replace link symlink"),
            *under("shutil", "copy copy2 copyfile copytree move copymode"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1, "src", "dst"),
        severity=Severity.HIGH,
    ),
    Sink(
        ("shutil.rmtree", "shutil.disk_usage"), Danger.PATH, PATH_FROM_REQUEST, args=(0, "path"), severity=Severity.HIGH
    ),
    Sink(
        under("shutil", "make_archive"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 2, "base_name", "root_dir"),
        severity=Severity.HIGH,
    ),
    Sink(
        under(PATH, "open read_text read_bytes write_text write_bytes unlink rename replace mkdir rmdir touch iterdir"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(RECEIVER,),
        severity=Severity.HIGH,
    ),
    Sink(
        (
            "glob.glob",
            "glob.iglob",
            "PIL.Image.open",
            "zipfile.ZipFile",
            "tarfile.open",
            "cv2.imread",
            "cv2.imwrite",
            "imp.load_source",
            "dotenv.load_dotenv",
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1, "pathname"),
    ),
    Sink(
        ("shutil.unpack_archive",),
        Danger.ARCHIVE,
        ARCHIVE_EXTRACTION,
        args=(0, "filename"),
        unless=(When(("filter",), ("data", "tar")),),
    ),
    Returns(("tarfile.open", "tarfile.TarFile", "tarfile.TarFile.open"), "tarfile.TarFile"),
    Returns(("zipfile.ZipFile",), "zipfile.ZipFile"),
    Sink(
        ("tarfile.TarFile.extractall", "tarfile.TarFile.extract"),
        Danger.ARCHIVE,
        ARCHIVE_EXTRACTION,
        args=(RECEIVER,),
        unless=(When(("filter",), ("data", "tar"), otherwise=True), When(("members",), (), otherwise=True)),
    ),
    Sanitizer(
        (
            *("os.path.basename", "ntpath.basename", "posixpath.basename", "os.path.splitext.ext", f"{PATH}.name"),
            *(f"{PATH}.stem", f"{PATH}.suffix", "pathvalidate.sanitize_filename", "*.secure_filename"),
            *("*.safe_join", "secure_filename", "safe_join", "pathvalidate.sanitize_filepath"),
            *of_each(("io",), "BytesIO StringIO"),
        ),
        frozenset({Danger.PATH}),
    ),
    Sanitizer(
        (
            *("open", "io.open", "codecs.open", "aiofiles.open", "gzip.open", "bz2.open", "lzma.open"),
            *under(PATH, "read_text read_bytes iterdir open"),
        ),
        ALL_DANGERS - {Danger.DESERIALIZATION, Danger.ARCHIVE, Danger.XML},
    ),
    Guard(
        (
            *("*.is_safe_path", "*.is_within_directory", "*.is_safe_filename", "*.is_inside", "*.is_subpath"),
            *("*.allowed_path", "*.is_valid_path", "*.is_valid_filename"),
        ),
        frozenset({Danger.PATH, Danger.ARCHIVE}),
    ),
    Returns(under("tempfile", "NamedTemporaryFile TemporaryFile SpooledTemporaryFile"), "tempfile.File"),
    Sanitizer(("tempfile.File.name",), ALL_DANGERS),
    Harmless(
        (
            *under("tempfile", "mkstemp mkdtemp mktemp gettempdir TemporaryDirectory"),
            *("os.listdir", "os.scandir", "os.walk"),
            *under("os.path", "exists isfile isdir getsize getmtime islink ismount samefile isabs"),
            *under(PATH, "exists is_file is_dir stat is_absolute"),
            *under("os", "stat lstat access"),
        )
    ),
)
