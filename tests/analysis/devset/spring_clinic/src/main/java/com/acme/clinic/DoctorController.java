package com.acme.clinic;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/api/doctors")
public class DoctorController {
    private static final Logger log = LoggerFactory.getLogger(DoctorController.class);

    private final DoctorRepository doctors;

    public DoctorController(DoctorRepository doctors) {
        this.doctors = doctors;
    }

    @GetMapping
    public List<Doctor> all() {
        return doctors.findAll();
    }

    @GetMapping("/{id}")
    public Doctor one(@PathVariable Long id) {
        return doctors.findById(id).orElseThrow(NotFoundException::new);
    }

    @PreAuthorize("hasRole('ADMIN')")
    @PostMapping
    public Doctor add(@RequestBody DoctorRequest request) {
        return doctors.save(request.toDoctor());
    }

    @PreAuthorize("hasRole('ADMIN')")
    @DeleteMapping("/{id}")
    public ResponseEntity<String> remove(@PathVariable Long id) {
        try {
            doctors.deleteById(id);
            return ResponseEntity.ok("removed");
        } catch (Exception e) {
            log.error("cannot remove {}", id, e);
            return ResponseEntity.internalServerError().body("The doctor could not be removed");
        }
    }

    @PreAuthorize("hasRole('ADMIN')")
    @PostMapping("/import")
    public ResponseEntity<String> load(@RequestBody List<DoctorRequest> requests) {
        try {
            requests.forEach(r -> doctors.save(r.toDoctor()));
            return ResponseEntity.ok("loaded");
        } catch (Exception e) {
            return ResponseEntity.internalServerError().body("failed: " + e);
        }
    }
}
