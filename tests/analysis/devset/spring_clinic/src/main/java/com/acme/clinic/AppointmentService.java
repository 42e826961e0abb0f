package com.acme.clinic;

import java.time.Instant;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class AppointmentService {

    private final AppointmentRepository appointments;

    public AppointmentService(AppointmentRepository appointments) {
        this.appointments = appointments;
    }

    public Appointment book(Account patient, BookingRequest booking) {
        Appointment appointment = new Appointment();
        appointment.setPatient(patient);
        appointment.setNotes(booking.notes());
        return appointments.save(appointment);
    }

    public Appointment move(Appointment appointment, Instant at) {
        appointment.setStatus("moved");
        return appointments.save(appointment);
    }

    @Transactional
    public void cancel(Long id, Account account) {
        Appointment appointment = appointments.findById(id).orElseThrow(NotFoundException::new);
        requireOwner(appointment, account);
        appointments.delete(appointment);
    }

    private void requireOwner(Appointment appointment, Account account) {
        if (!appointment.getPatient().getId().equals(account.getId())) {
            throw new ForbiddenException();
        }
    }
}
