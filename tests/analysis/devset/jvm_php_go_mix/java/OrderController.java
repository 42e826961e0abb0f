package shop;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.servlet.http.HttpServletResponse;
import org.apache.commons.lang3.RandomStringUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.servlet.view.RedirectView;

@RestController
@RequestMapping("/orders")
public class OrderController {

    private static final Logger log = LoggerFactory.getLogger(OrderController.class);
    private static final String API_TOKEN = "shop-api-token-91";

    private final OrderRepository orders;
    private final NamedParameterJdbcTemplate jdbc;
    private final RestTemplate rest = new RestTemplate();

    public OrderController(OrderRepository orders, NamedParameterJdbcTemplate jdbc) {
        this.orders = orders;
        this.jdbc = jdbc;
    }

    @GetMapping("/{id}")
    @PreAuthorize("isAuthenticated()")
    public Order show(@PathVariable Long id) {
        return orders.findById(id).orElseThrow();
    }

    @GetMapping("/mine/{id}")
    @PreAuthorize("isAuthenticated()")
    public Order mine(@PathVariable Long id, @AuthenticationPrincipal User user) {
        return orders.findByIdAndOwner(id, user.getId()).orElseThrow();
    }

    @GetMapping("/search")
    @PreAuthorize("isAuthenticated()")
    public List<Map<String, Object>> search(@RequestParam String status) {
        return jdbc.getJdbcTemplate().queryForList(String.format("SELECT * FROM orders WHERE status = '%s'", status));
    }

    @GetMapping("/by-status")
    @PreAuthorize("isAuthenticated()")
    public List<Map<String, Object>> byStatus(@RequestParam String status) {
        return jdbc.queryForList("SELECT * FROM orders WHERE status = :status", Map.of("status", status));
    }

    @PostMapping("/callback")
    @PreAuthorize("isAuthenticated()")
    public String callback(@RequestBody Map<String, String> body) {
        return rest.getForObject(body.get("url"), String.class);
    }

    @DeleteMapping("/{id}")
    public void delete(@PathVariable Long id) {
        orders.deleteById(id);
    }

    @GetMapping("/back")
    public RedirectView back(@RequestParam String to) {
        return new RedirectView(to);
    }

    @PostMapping("/coupon")
    @PreAuthorize("isAuthenticated()")
    public String coupon() {
        log.info("coupon with token {}", API_TOKEN);
        return RandomStringUtils.randomAlphanumeric(8);
    }

    @PostMapping("/session")
    public ResponseEntity<Void> session(@RequestParam String password) {
        ResponseCookie cookie = ResponseCookie.from("sid", UUID.randomUUID().toString()).secure(false).httpOnly(false).build();
        return ResponseEntity.ok().header("Set-Cookie", cookie.toString()).build();
    }

    @ExceptionHandler(Exception.class)
    public ResponseEntity<String> failed(Exception error) {
        return ResponseEntity.status(500).body(error.toString());
    }
}
