"""Files, paths and archives of Go."""

from server.analysis.flow.models import ANY, Danger, Guard, Model, Origin, Returns, Sanitizer, Sink, Source, Through
from server.analysis.flow.words import of_each, under
from server.analysis.go.models.names import ECHO, FIBER, GIN
from server.analysis.rules import PATH_FROM_REQUEST

ZIP_FILE = "archive.zip.File"
ZIP_FILES = "archive.zip.Files"
TAR_HEADER = "archive.tar.Header"
_PATHS = frozenset({Danger.PATH, Danger.ARCHIVE})

MODELS: tuple[Model, ...] = (
    Returns(("archive.zip.OpenReader", "archive.zip.NewReader"), "archive.zip.Reader"),
    Returns(of_each(("archive.zip.Reader", "archive.zip.ReadCloser"), "File"), ZIP_FILES),
    Returns(under(ZIP_FILES, "__iter__ __getitem__"), ZIP_FILE),
    Returns(("archive.tar.NewReader",), "archive.tar.Reader"),
    Through(("archive.zip.OpenReader", "archive.zip.NewReader", "archive.tar.NewReader"), ()),
    Returns(("archive.tar.Reader.Next",), TAR_HEADER),
    Source(
        (*under(ZIP_FILE, "Name"), *under("archive.zip.FileHeader", "Name"), *under(TAR_HEADER, "Name Linkname")),
        Origin.ARCHIVE,
        "a name in an archive",
    ),
    Source(("mime.multipart.FileHeader.Filename",), Origin.UPLOAD, "a file's name"),
    Sink(
        (
            *under("os", "Open OpenFile Create ReadFile WriteFile Remove RemoveAll Rename Mkdir MkdirAll ReadDir Stat"),
            *under("os", "Symlink Link Chmod Lstat"),
            *under("io.ioutil", "ReadFile WriteFile ReadDir"),
            *under(GIN, "File FileAttachment"),
            *of_each((*ECHO, *FIBER), "File Attachment SendFile Download Inline"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1),
    ),
    Sink(under(GIN, "SaveUploadedFile") + of_each(FIBER, "SaveFile"), Danger.PATH, PATH_FROM_REQUEST, args=(1,)),
    Sink(("net.http.ServeFile",), Danger.PATH, PATH_FROM_REQUEST, args=(2,)),
    Guard(("path.filepath.IsLocal", "io.fs.ValidPath"), _PATHS),
    Sanitizer(
        ("path.filepath.Localize", "github_com.cyphar.filepath-securejoin.SecureJoin"),
        _PATHS,
    ),
    Sanitizer(("path.filepath.Base", "path.Base", "path.filepath.Ext", "path.Ext"), _PATHS),
    Through(
        (
            *under("path.filepath", "Join Clean Abs FromSlash ToSlash Rel EvalSymlinks Dir"),
            *under("path", "Join Clean"),
        ),
        (ANY,),
    ),
)
