package org.example.bookings.web;

import org.example.bookings.domain.BookingRepository;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/admin")
public class AdminController {
    private final BookingRepository bookings;
    private final SpelExpressionParser parser = new SpelExpressionParser();

    public AdminController(BookingRepository bookings) {
        this.bookings = bookings;
    }

    @DeleteMapping("/bookings")
    @PreAuthorize("hasRole('ADMIN')")
    public void clear() {
        bookings.deleteAll();
    }

    @PostMapping("/evaluate")
    @PreAuthorize("hasRole('ADMIN')")
    public Object evaluate(@RequestParam String expression) {
        return parser.parseExpression(expression).getValue();
    }

    @PostMapping("/plugin")
    @PreAuthorize("hasRole('ADMIN')")
    public String plugin(@RequestParam String type) throws Exception {
        return Class.forName(type).getDeclaredConstructor().newInstance().toString();
    }
}
