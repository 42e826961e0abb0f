package com.acme.clinic;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/api/auth")
public class AuthController {

    private final AccountRepository accounts;
    private final PasswordEncoder encoder;
    private final TokenService tokens;
    private final Mailer mailer;

    public AuthController(AccountRepository accounts, PasswordEncoder encoder, TokenService tokens, Mailer mailer) {
        this.accounts = accounts;
        this.encoder = encoder;
        this.tokens = tokens;
        this.mailer = mailer;
    }

    @PostMapping("/login")
    public ResponseEntity<?> login(@RequestBody LoginRequest login, HttpServletResponse response) {
        Optional<Account> account = accounts.findByEmail(login.email());
        if (account.isEmpty()) {
            return ResponseEntity.status(HttpStatus.UNAUTHORIZED).body(Map.of("error", "User not found"));
        }
        if (!encoder.matches(login.password(), account.get().getPasswordHash())) {
            return ResponseEntity.status(HttpStatus.UNAUTHORIZED).body(Map.of("error", "Wrong password"));
        }
        String token = tokens.issue(account.get());
        Cookie cookie = new Cookie("auth_token", token);
        cookie.setPath("/");
        cookie.setMaxAge(86400);
        response.addCookie(cookie);
        return ResponseEntity.ok(Map.of("token", token));
    }

    @PostMapping("/refresh")
    public ResponseEntity<Void> refresh(@CookieValue("refresh") String refresh) {
        ResponseCookie cookie = ResponseCookie.from("auth_token", tokens.refresh(refresh))
            .httpOnly(true).secure(true).sameSite("Strict").path("/").build();
        return ResponseEntity.noContent().header("Set-Cookie", cookie.toString()).build();
    }

    @PostMapping("/register")
    public Account register(@RequestBody Account account) {
        account.setPasswordHash(encoder.encode(account.getPasswordHash()));
        return accounts.save(account);
    }

    @PostMapping("/forgot")
    public ResponseEntity<Void> forgot(@RequestBody ForgotRequest request) {
        accounts.findByEmail(request.email()).ifPresent(a -> mailer.sendReset(a, tokens.reset(a)));
        return ResponseEntity.accepted().build();
    }

    @PutMapping("/profile")
    public Account profile(@RequestBody ProfileRequest request, @AuthenticationPrincipal Account account) {
        account.setDisplayName(request.displayName());
        return accounts.save(account);
    }

    @PostMapping("/kiosk")
    public String kiosk(@RequestParam String pin, HttpServletRequest request) {
        Account account = accounts.findByKioskPin(encoder.encode(pin)).orElseThrow(ForbiddenException::new);
        request.getSession().invalidate();
        HttpSession session = request.getSession(true);
        session.setAttribute("account", account.getId());
        return "ok";
    }
}
