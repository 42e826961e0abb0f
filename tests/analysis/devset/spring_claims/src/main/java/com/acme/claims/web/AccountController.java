package com.acme.claims.web;

import com.acme.claims.model.User;
import com.acme.claims.repo.UserRepository;
import com.acme.claims.util.Tokens;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.beans.BeanUtils;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/api/accounts")
public class AccountController {

    private final UserRepository users;
    private final Tokens tokens;

    public AccountController(UserRepository users, Tokens tokens) {
        this.users = users;
        this.tokens = tokens;
    }

    public record Profile(Long id, String email) {
        static Profile of(User user) {
            return new Profile(user.getId(), user.getEmail());
        }
    }

    public record ProfileChange(String email) {}

    @GetMapping("/me")
    public User me(@AuthenticationPrincipal User principal) {
        return users.findById(principal.getId()).orElseThrow();
    }

    @GetMapping("/me/profile")
    public Profile profile(@AuthenticationPrincipal User principal) {
        return Profile.of(users.findById(principal.getId()).orElseThrow());
    }

    @PatchMapping("/me")
    public Profile change(@AuthenticationPrincipal User principal, @RequestBody ProfileChange change) {
        User user = users.findById(principal.getId()).orElseThrow();
        user.setEmail(change.email());
        return Profile.of(users.save(user));
    }

    @PutMapping("/me/preferences")
    public Profile preferences(@AuthenticationPrincipal User principal, @RequestBody User body) {
        User user = users.findById(principal.getId()).orElseThrow();
        BeanUtils.copyProperties(body, user, "id");
        return Profile.of(users.save(user));
    }

    @PreAuthorize("hasRole('ADMIN')")
    @GetMapping
    public List<Profile> all() {
        return users.findAll().stream().map(Profile::of).collect(Collectors.toList());
    }

    @PostMapping("/reset")
    public void requestReset(@RequestParam String email) {
        User user = users.findByEmail(email);
        if (user != null) {
            user.setResetToken(tokens.resetToken());
            users.save(user);
        }
    }
}
