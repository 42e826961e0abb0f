package org.example.bookings.web;

public record Account(Long id, String email) {
}
