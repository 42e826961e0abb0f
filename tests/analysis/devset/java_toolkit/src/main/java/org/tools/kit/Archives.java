package org.tools.kit;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.io.FileUtils;
import org.apache.commons.io.IOUtils;

public class Archives {

    private static final int BUFFER = 8192;

    public static void unzip(File archive, File destination) throws IOException {
        try (ZipFile zip = new ZipFile(archive)) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                File out = new File(destination, entry.getName());
                if (entry.isDirectory()) {
                    out.mkdirs();
                    continue;
                }
                out.getParentFile().mkdirs();
                try (InputStream in = zip.getInputStream(entry);
                     OutputStream os = new BufferedOutputStream(new FileOutputStream(out))) {
                    copy(in, os);
                }
            }
        }
    }

    public static void untar(InputStream stream, File destination) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(stream);
        TarArchiveEntry entry;
        while ((entry = tar.getNextTarEntry()) != null) {
            File target = new File(destination, entry.getName());
            if (!target.getCanonicalPath().startsWith(destination.getCanonicalPath())) {
                throw new IOException("outside: " + entry.getName());
            }
            if (entry.isFile()) {
                FileUtils.copyInputStreamToFile(tar, target);
            }
        }
    }

    public static void untarSafely(InputStream stream, File destination) throws IOException {
        String root = destination.getCanonicalPath() + File.separator;
        TarArchiveInputStream tar = new TarArchiveInputStream(stream);
        TarArchiveEntry entry;
        while ((entry = tar.getNextTarEntry()) != null) {
            File target = new File(destination, entry.getName());
            if (!target.getCanonicalPath().startsWith(root)) {
                throw new IOException("outside: " + entry.getName());
            }
            FileUtils.copyToFile(tar, target);
        }
    }

    public static void unzipSafely(InputStream stream, Path destination) throws IOException {
        Path root = destination.toAbsolutePath().normalize();
        try (ZipInputStream zip = new ZipInputStream(stream)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = root.resolve(entry.getName()).normalize();
                checkInside(root, target);
                Files.createDirectories(target.getParent());
                Files.copy(zip, target);
            }
        }
    }

    private static void checkInside(Path root, Path target) throws IOException {
        if (!target.startsWith(root)) {
            throw new IOException("entry outside of " + root);
        }
    }

    public static void unjar(String jarPath, String dest) throws IOException {
        JarFile jar = new JarFile(jarPath);
        Enumeration<JarEntry> all = jar.entries();
        while (all.hasMoreElements()) {
            JarEntry entry = all.nextElement();
            String name = entry.getName();
            if (name.endsWith("/")) {
                continue;
            }
            File file = new File(dest + File.separator + name);
            FileUtils.forceMkdirParent(file);
            IOUtils.copy(jar.getInputStream(entry), new FileOutputStream(file));
        }
    }

    public static byte[] gunzip(InputStream in) throws IOException {
        return IOUtils.toByteArray(new GZIPInputStream(in));
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER];
        int read;
        while ((read = in.read(buffer)) > 0) {
            out.write(buffer, 0, read);
        }
    }
}
