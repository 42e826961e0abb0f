package org.example.bookings.web;

import jakarta.validation.constraints.NotBlank;

public record NewBooking(@NotBlank String guest, @NotBlank String room) {
}
