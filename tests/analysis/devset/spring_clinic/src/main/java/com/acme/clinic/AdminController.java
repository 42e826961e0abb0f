package com.acme.clinic;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/api/admin")
public class AdminController {

    private final AccountRepository accounts;
    private final SettingsRepository settings;

    public AdminController(AccountRepository accounts, SettingsRepository settings) {
        this.accounts = accounts;
        this.settings = settings;
    }

    @PreAuthorize("hasRole('ADMIN')")
    @GetMapping("/accounts")
    public List<AccountView> all() {
        return accounts.findAll().stream().map(AccountView::of).toList();
    }

    @PreAuthorize("hasRole('ADMIN')")
    @PostMapping("/accounts/{id}/lock")
    public void lock(@PathVariable Long id) {
        accounts.lock(id);
    }

    @DeleteMapping("/accounts/{id}")
    public ResponseEntity<Void> remove(@PathVariable Long id) {
        accounts.deleteById(id);
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/settings")
    public Settings settings() {
        return settings.current();
    }

    @PutMapping("/settings")
    public Settings update(@RequestBody SettingsRequest request) {
        return settings.save(request.toSettings());
    }
}
