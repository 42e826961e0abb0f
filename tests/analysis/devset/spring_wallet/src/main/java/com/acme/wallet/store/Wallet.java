package com.acme.wallet.store;

import jakarta.persistence.*;
import lombok.Data;

import java.math.BigDecimal;

@Data
@Entity
@Table(name = "wallet")
public class Wallet {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Long id;
    private String owner;
    private String password;
    private String role = "USER";
    private BigDecimal balance = BigDecimal.ZERO;
}
