package org.example.bookings.service;

import jakarta.persistence.EntityManager;
import org.example.bookings.domain.Booking;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;

import java.util.List;
import java.util.Map;

@Service
public class BookingSearch {
    private static final Map<String, String> COLUMNS = Map.of("guest", "guest", "room", "room");

    private final EntityManager entities;
    private final JdbcTemplate jdbc;

    public BookingSearch(EntityManager entities, JdbcTemplate jdbc) {
        this.entities = entities;
        this.jdbc = jdbc;
    }

    public List<Booking> inRoom(String room) {
        return entities.createQuery("select b from Booking b where b.room = '" + room + "'", Booking.class).getResultList();
    }

    public List<Map<String, Object>> matching(BookingFilter filter) {
        StringBuilder sql = new StringBuilder("SELECT * FROM booking WHERE 1 = 1");
        if (filter.getGuest() != null) {
            sql.append(" AND guest = '").append(filter.getGuest()).append("'");
        }
        return jdbc.queryForList(sql.toString());
    }

    public List<Map<String, Object>> sorted(String column) {
        return jdbc.queryForList("SELECT * FROM booking ORDER BY " + COLUMNS.getOrDefault(column, "id"));
    }

    public Integer count(String room) {
        return jdbc.queryForObject("SELECT count(*) FROM booking WHERE room = ?", Integer.class, room);
    }
}
