package com.acme.claims.service;

import com.acme.claims.model.Claim;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Service;
import org.springframework.web.multipart.MultipartFile;

@Service
public class DocumentService {

    private final Path root;

    public DocumentService(@Value("${claims.documents}") String root) {
        this.root = Paths.get(root).toAbsolutePath().normalize();
    }

    public String store(Claim claim, MultipartFile file) throws IOException {
        Path folder = folderOf(claim);
        Files.createDirectories(folder);
        String name = file.getOriginalFilename();
        if (name != null && name.endsWith(".zip")) {
            unpack(file.getInputStream(), folder);
            return folder.toString();
        }
        Path target = folder.resolve(UUID.randomUUID() + "-" + name);
        Files.copy(file.getInputStream(), target, StandardCopyOption.REPLACE_EXISTING);
        return root.relativize(target).toString();
    }

    public Resource load(Claim claim, String name) throws IOException {
        Path file = folderOf(claim).resolve(name).normalize();
        if (!file.startsWith(root)) {
            throw new FileNotFoundException(name);
        }
        return new FileSystemResource(file);
    }

    public byte[] thumbnail(Claim claim, int index) throws IOException {
        Path source = folderOf(claim).resolve("page-" + index + ".pdf");
        Path target = Files.createTempFile("thumb", ".png");
        Process process = new ProcessBuilder("pdftoppm", "-png", "-singlefile", source.toString(), target.toString())
                .redirectErrorStream(true)
                .start();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Files.readAllBytes(target);
    }

    private void unpack(InputStream stream, Path folder) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(stream)) {
            ZipEntry entry;
            while ((entry = zip.getNextEntry()) != null) {
                Path target = folder.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private Path folderOf(Claim claim) {
        return root.resolve(String.valueOf(claim.getId()));
    }
}
