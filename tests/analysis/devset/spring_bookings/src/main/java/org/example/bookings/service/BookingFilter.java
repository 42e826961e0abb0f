package org.example.bookings.service;

public class BookingFilter {
    private String guest;
    private int nights;

    public String getGuest() { return guest; }
    public void setGuest(String guest) { this.guest = guest; }
    public int getNights() { return nights; }
    public void setNights(int nights) { this.nights = nights; }
}
