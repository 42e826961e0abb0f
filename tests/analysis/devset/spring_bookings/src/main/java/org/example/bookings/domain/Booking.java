package org.example.bookings.domain;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;

import java.math.BigDecimal;

@Entity
public class Booking {
    @Id
    @GeneratedValue
    private Long id;
    private String guest;
    private String room;
    private Long ownerId;
    private BigDecimal price;
    private boolean paid;

    public Long getId() { return id; }
    public void setId(Long id) { this.id = id; }
    public String getGuest() { return guest; }
    public void setGuest(String guest) { this.guest = guest; }
    public String getRoom() { return room; }
    public void setRoom(String room) { this.room = room; }
    public Long getOwnerId() { return ownerId; }
    public void setOwnerId(Long ownerId) { this.ownerId = ownerId; }
    public BigDecimal getPrice() { return price; }
    public void setPrice(BigDecimal price) { this.price = price; }
    public boolean isPaid() { return paid; }
    public void setPaid(boolean paid) { this.paid = paid; }
}
