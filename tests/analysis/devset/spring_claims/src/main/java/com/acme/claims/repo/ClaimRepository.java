package com.acme.claims.repo;

import com.acme.claims.model.Claim;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;

public interface ClaimRepository extends JpaRepository<Claim, Long> {
    Optional<Claim> findByIdAndOwnerId(Long id, Long ownerId);

    @Query("select c from Claim c where c.holder = :holder")
    List<Claim> heldBy(@Param("holder") String holder);
}
