package com.acme.clinic;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import java.time.Instant;

@Entity
public class Appointment {
    @Id
    private Long id;
    @ManyToOne
    private Account patient;
    private Instant at;
    private String notes;
    private String status;

    public Account getPatient() { return patient; }
    public void setPatient(Account patient) { this.patient = patient; }
    public void setStatus(String status) { this.status = status; }
    public void setNotes(String notes) { this.notes = notes; }
}
