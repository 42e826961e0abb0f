package com.acme.clinic;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/api/prescriptions")
public class PrescriptionController {

    private final PrescriptionRepository prescriptions;

    public PrescriptionController(PrescriptionRepository prescriptions) {
        this.prescriptions = prescriptions;
    }

    @GetMapping
    public List<Prescription> list(Authentication authentication) {
        return prescriptions.findByPatientEmail(authentication.getName());
    }

    @GetMapping("/{id}")
    public Prescription show(@PathVariable Long id) {
        return prescriptions.findById(id).orElseThrow(NotFoundException::new);
    }

    @PreAuthorize("hasRole('DOCTOR')")
    @PostMapping
    public Prescription issue(@RequestBody PrescriptionRequest request) {
        return prescriptions.save(request.toPrescription());
    }

    @PreAuthorize("hasRole('DOCTOR')")
    @PutMapping("/{id}")
    public Prescription change(@PathVariable Long id, @RequestBody PrescriptionRequest request) {
        Prescription prescription = prescriptions.findById(id).orElseThrow(NotFoundException::new);
        prescription.apply(request);
        return prescriptions.save(prescription);
    }

    @DeleteMapping("/{id}")
    public ResponseEntity<Void> revoke(@PathVariable Long id) {
        prescriptions.deleteById(id);
        return ResponseEntity.noContent().build();
    }

    @PreAuthorize("@prescriptionAccess.canRead(#id, authentication)")
    @GetMapping("/{id}/pdf")
    public byte[] pdf(@PathVariable Long id) {
        return PdfWriter.write(prescriptions.findById(id).orElseThrow(NotFoundException::new));
    }
}
