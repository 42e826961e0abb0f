package com.acme.wallet.store;

import org.springframework.data.jpa.repository.JpaRepository;

import java.util.Optional;

public interface WalletRepository extends JpaRepository<Wallet, Long> {
    Optional<Wallet> findByOwner(String owner);

    Optional<Wallet> findByIdAndOwner(Long id, String owner);
}
