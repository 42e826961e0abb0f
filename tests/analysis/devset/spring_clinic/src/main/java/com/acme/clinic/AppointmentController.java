package com.acme.clinic;

import jakarta.validation.Valid;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/appointments")
public class AppointmentController {

    private final AppointmentRepository appointments;
    private final AppointmentService service;

    public AppointmentController(AppointmentRepository appointments, AppointmentService service) {
        this.appointments = appointments;
        this.service = service;
    }

    @GetMapping
    public List<Appointment> mine(@AuthenticationPrincipal Account account) {
        return appointments.findByPatientId(account.getId());
    }

    @GetMapping("/{id}")
    public ResponseEntity<Appointment> one(@PathVariable Long id, @AuthenticationPrincipal Account account) {
        return appointments.findByIdAndPatientId(id, account.getId())
            .map(ResponseEntity::ok)
            .orElse(ResponseEntity.notFound().build());
    }

    @PostMapping
    public Appointment book(@Valid @RequestBody BookingRequest booking, @AuthenticationPrincipal Account account) {
        return service.book(account, booking);
    }

    @PutMapping("/{id}/notes")
    public Appointment annotate(@PathVariable Long id, @RequestBody NotesRequest notes) {
        Appointment appointment = appointments.findById(id).orElseThrow(NotFoundException::new);
        appointment.setNotes(notes.text());
        return appointments.save(appointment);
    }

    @PutMapping("/{id}/reschedule")
    public Appointment reschedule(@PathVariable Long id, @RequestBody BookingRequest booking,
                                  @AuthenticationPrincipal Account account) {
        Appointment appointment = appointments.findById(id).orElseThrow(NotFoundException::new);
        if (!appointment.getPatient().getId().equals(account.getId())) {
            throw new ForbiddenException();
        }
        return service.move(appointment, booking.at());
    }

    @DeleteMapping("/{id}")
    public void cancel(@PathVariable Long id, @AuthenticationPrincipal Account account) {
        service.cancel(id, account);
    }
}
