package com.acme.clinic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.multipart.MultipartFile;

@RestController
@RequestMapping("/api/intake")
public class IntakeController {

    private static final Set<String> TYPES = Set.of("application/pdf", "image/png");

    private final IntakeFormRepository forms;

    public IntakeController(IntakeFormRepository forms) {
        this.forms = forms;
    }

    @GetMapping("/questions")
    public Questions questions() {
        return Questions.standard();
    }

    @GetMapping("/forms/{id}")
    public IntakeForm form(@PathVariable Long id) {
        return forms.findById(id).orElseThrow(NotFoundException::new);
    }

    @DeleteMapping("/forms/{id}")
    public void discard(@PathVariable Long id) {
        forms.deleteById(id);
    }

    @PostMapping("/scans")
    public String scan(@RequestParam("file") MultipartFile file) throws IOException {
        if (!TYPES.contains(file.getContentType())) {
            throw new IllegalArgumentException("unsupported type");
        }
        Path target = Path.of("/srv/scans", UUID.randomUUID() + ".bin");
        Files.write(target, file.getBytes());
        return target.getFileName().toString();
    }

    @PostMapping("/attachments")
    public ResponseEntity<String> attach(@RequestParam("file") MultipartFile file) {
        try {
            Path target = Path.of("/srv/www/attachments", UUID.randomUUID() + "-" + file.getOriginalFilename());
            file.transferTo(target);
            return ResponseEntity.ok(target.toString());
        } catch (IOException e) {
            return ResponseEntity.internalServerError().body("Could not store the file");
        }
    }
}
