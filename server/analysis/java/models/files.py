"""Files, paths and archives of Java.

A `File` or a `Path` is only a name: what opens, writes or removes it is the sink, so that a look at where it leads
comes before.
"""

from server.analysis.flow.models import (
    ANY,
    RECEIVER,
    Calls,
    Danger,
    Model,
    Origin,
    Returns,
    Sanitizer,
    Sink,
    Source,
)
from server.analysis.java.models.words import PART, SERVLET, new, of
from server.analysis.rules import PATH_FROM_REQUEST

FILE = "java.io.File"
PATH = "java.nio.file.Path"
FILES = "java.nio.file.Files"
TAR = "org.apache.commons.compress.archivers.tar"
ZIP = "org.apache.commons.compress.archivers.zip"
ENTRIES = (
    f"java.util.zip.ZipEntry java.util.jar.JarEntry {TAR}.TarArchiveEntry {ZIP}.ZipArchiveEntry"
    " org.apache.commons.compress.archivers.ArchiveEntry"
    " org.apache.commons.compress.archivers.sevenz.SevenZArchiveEntry"
    " net.lingala.zip4j.model.FileHeader com.github.junrar.rarfile.FileHeader org.apache.tools.zip.ZipEntry"
    " org.apache.tools.tar.TarEntry"
)
FILE_UTILS = "org.apache.commons.io.FileUtils"

MODELS: tuple[Model, ...] = (
    Source(of(ENTRIES, "getName getFileName getFileNameString getLinkName"), Origin.ARCHIVE, "a name in an archive"),
    Source(
        of("org.springframework.web.multipart.MultipartFile", "getOriginalFilename"), Origin.UPLOAD, "a file's name"
    ),
    Source(of(PART, "getSubmittedFileName"), Origin.UPLOAD, "a file's name"),
    Source(of("org.apache.commons.fileupload.FileItem", "getName"), Origin.UPLOAD, "a file's name"),
    Returns(of("java.util.zip.ZipInputStream", "getNextEntry"), "java.util.zip.ZipEntry"),
    Returns(of("java.util.zip.ZipFile", "getEntry"), "java.util.zip.ZipEntry"),
    Returns(of("java.util.jar.JarInputStream", "getNextJarEntry getNextEntry"), "java.util.jar.JarEntry"),
    Returns(
        of(f"{TAR}.TarArchiveInputStream", "getNextEntry getNextTarEntry getCurrentEntry"), f"{TAR}.TarArchiveEntry"
    ),
    Returns(of(f"{ZIP}.ZipArchiveInputStream", "getNextEntry getNextZipEntry"), f"{ZIP}.ZipArchiveEntry"),
    Returns(
        of("org.apache.commons.compress.archivers.ArchiveInputStream", "getNextEntry"),
        "org.apache.commons.compress.archivers.ArchiveEntry",
    ),
    Returns(of("java.util.zip.ZipFile java.util.jar.JarFile", "stream"), "java.util.zip.ZipEntries"),
    Returns(of("java.util.zip.ZipEntries", "filter sorted"), "java.util.zip.ZipEntries"),
    Calls(of("java.util.zip.ZipEntries", "forEach map"), 0, parameters=("java.util.zip.ZipEntry",)),
    Returns((*new(FILE), *of(FILE, "getCanonicalFile getAbsoluteFile getParentFile"), *of(PATH, "toFile")), FILE),
    Returns(
        (
            *of(f"java.nio.file.Paths {PATH}", "get of"),
            *of(PATH, "resolve resolveSibling normalize toAbsolutePath toRealPath getParent relativize"),
            *of(FILE, "toPath"),
        ),
        PATH,
    ),
    Sink(
        (
            *new("java.io.FileInputStream java.io.FileOutputStream java.io.FileReader java.io.FileWriter"),
            *new("java.io.RandomAccessFile java.io.PrintWriter java.util.zip.ZipFile java.util.jar.JarFile"),
            *of(FILES, "readAllBytes readString readAllLines lines newInputStream newBufferedReader newByteChannel"),
            *of(FILES, "write writeString newOutputStream newBufferedWriter createFile createDirectory"),
            *of(FILES, "createDirectories delete deleteIfExists list walk walkFileTree size"),
            *of("org.springframework.util.ResourceUtils", "getFile"),
            *of(PART, "write"),
            *new("org.springframework.core.io.FileSystemResource org.springframework.core.io.UrlResource"),
            *new("org.springframework.core.io.PathResource org.springframework.core.io.InputStreamResource"),
            *of(FILE_UTILS, "readFileToString readFileToByteArray openInputStream writeStringToFile deleteDirectory"),
            *of(FILE_UTILS, "writeByteArrayToFile forceDelete deleteQuietly openOutputStream readLines forceMkdir"),
            *of(f"{FILE_UTILS} org.springframework.util.FileSystemUtils", "deleteRecursively copyDirectory"),
            *of("com.google.common.io.Files", "toByteArray asByteSource asCharSource newReader readLines write"),
            *of("javax.servlet.ServletContext jakarta.servlet.ServletContext", "getResourceAsStream getResource"),
            *of(f"{SERVLET} javax.servlet.ServletContext jakarta.servlet.ServletContext", "getRequestDispatcher"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
    ),
    Sink(
        (
            *of(FILES, "copy move createSymbolicLink createLink"),
            *of(FILE_UTILS, "copyFile copyInputStreamToFile copyToFile copyURLToFile moveFile copyFileToDirectory"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1),
    ),
    Sink(
        of(FILE, "delete mkdir mkdirs createNewFile listFiles list renameTo exists isFile isDirectory canRead"),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(RECEIVER,),
    ),
    Sink(("*.transferTo",), Danger.PATH, PATH_FROM_REQUEST),
    Sink(of("org.springframework.web.multipart.MultipartFile", "transferTo"), Danger.PATH, PATH_FROM_REQUEST),
    Sink(of("com.google.common.io.Files", "copy move"), Danger.PATH, PATH_FROM_REQUEST, args=(ANY,)),
    Sanitizer(
        (
            *of("org.springframework.util.StringUtils", "getFilename"),
            *of("org.apache.commons.io.FilenameUtils", "getName getBaseName getExtension"),
            *of(f"{FILE} {PATH}", "getName getFileName length"),
        ),
        frozenset({Danger.PATH}),
    ),
)
