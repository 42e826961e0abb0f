package org.example.bookings.domain;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.query.Param;

import java.util.List;
import java.util.Optional;

public interface BookingRepository extends JpaRepository<Booking, Long> {
    Optional<Booking> findByIdAndOwnerId(Long id, Long ownerId);

    @Query("select b from Booking b where b.guest like %:guest%")
    List<Booking> ofGuest(@Param("guest") String guest);
}
