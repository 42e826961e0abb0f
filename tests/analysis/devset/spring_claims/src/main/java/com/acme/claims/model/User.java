package com.acme.claims.model;

import jakarta.persistence.*;
import lombok.Getter;
import lombok.Setter;

@Entity
@Getter
@Setter
public class User {
    @Id
    @GeneratedValue
    private Long id;
    private String email;
    private String passwordHash;
    private String role;
    private String resetToken;
}
