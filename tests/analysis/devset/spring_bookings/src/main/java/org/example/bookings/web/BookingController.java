package org.example.bookings.web;

import jakarta.validation.Valid;
import org.example.bookings.domain.Booking;
import org.example.bookings.domain.BookingRepository;
import org.example.bookings.service.BookingFilter;
import org.example.bookings.service.BookingSearch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.*;

import java.util.List;
import java.util.Map;

@RestController
@RequestMapping("/api/bookings")
public class BookingController {
    private static final Logger log = LoggerFactory.getLogger(BookingController.class);

    private final BookingRepository bookings;
    private final BookingSearch search;

    public BookingController(BookingRepository bookings, BookingSearch search) {
        this.bookings = bookings;
        this.search = search;
    }

    @GetMapping
    public List<Booking> inRoom(@RequestParam String room) {
        log.info("searching room " + room);
        return search.inRoom(room);
    }

    @PostMapping("/search")
    public List<Map<String, Object>> matching(@RequestBody BookingFilter filter) {
        return search.matching(filter);
    }

    @GetMapping("/sorted")
    public List<Map<String, Object>> sorted(@RequestParam(defaultValue = "id") String by) {
        return search.sorted(by);
    }

    @GetMapping("/{id}")
    public Booking one(@PathVariable Long id) {
        return bookings.findById(id).orElseThrow();
    }

    @GetMapping("/{id}/mine")
    public ResponseEntity<Booking> mine(@PathVariable Long id, @AuthenticationPrincipal Account account) {
        return ResponseEntity.of(bookings.findByIdAndOwnerId(id, account.id()));
    }

    @PostMapping
    public Booking create(@RequestBody Booking booking) {
        return bookings.save(booking);
    }

    @PostMapping("/request")
    public Booking request(@Valid @RequestBody NewBooking wish, @AuthenticationPrincipal Account account) {
        Booking booking = new Booking();
        booking.setGuest(wish.guest());
        booking.setRoom(wish.room());
        booking.setOwnerId(account.id());
        return bookings.save(booking);
    }

    @DeleteMapping("/{id}")
    public void cancel(@PathVariable Long id) {
        bookings.deleteById(id);
    }

    @PatchMapping("/{id}/price")
    public Booking price(@PathVariable Long id, @RequestBody Map<String, String> body, @AuthenticationPrincipal Account account) {
        Booking booking = bookings.findByIdAndOwnerId(id, account.id()).orElseThrow();
        booking.setPrice(new java.math.BigDecimal(body.get("price")));
        return bookings.save(booking);
    }

    @ExceptionHandler(Exception.class)
    public ResponseEntity<String> failed(Exception problem) {
        return ResponseEntity.internalServerError().body(problem.toString());
    }
}
