package com.acme.claims.model;

import jakarta.persistence.*;
import java.math.BigDecimal;
import java.time.Instant;
import lombok.Getter;
import lombok.Setter;

@Entity
@Getter
@Setter
public class Claim {
    @Id
    @GeneratedValue
    private Long id;
    private Long ownerId;
    private String holder;
    private String status;
    private BigDecimal amount;
    private boolean approved;
    private Instant createdAt;
}
