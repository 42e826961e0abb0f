package com.acme.clinic;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

@Entity
public class Doctor {
    @Id
    private Long id;
    private String name;
    private String speciality;
    private boolean accepting;
}
