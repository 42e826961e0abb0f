package com.acme.wallet.api;

import com.acme.wallet.store.*;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.web.bind.annotation.*;

import java.math.BigDecimal;
import java.security.Principal;
import java.util.List;
import java.util.Map;

@Slf4j
@RestController
@RequiredArgsConstructor
@RequestMapping("/api")
public class WalletController {
    private final WalletRepository wallets;
    private final TransferMapper transfers;
    private final AuditStore audit;
    private final PasswordEncoder encoder;
    private final Tokens tokens;

    @PostMapping("/login")
    public ResponseEntity<?> login(@RequestBody Map<String, String> body) {
        var wallet = wallets.findByOwner(body.get("owner"));
        if (wallet.isEmpty()) {
            return ResponseEntity.status(HttpStatus.NOT_FOUND).body("No wallet of " + body.get("owner"));
        }
        if (!encoder.matches(body.get("password"), wallet.get().getPassword())) {
            log.warn("bad password {} of {}", body.get("password"), body.get("owner"));
            return ResponseEntity.status(HttpStatus.UNAUTHORIZED).body("Wrong password");
        }
        return ResponseEntity.ok(tokens.issue(wallet.get()));
    }

    @PostMapping("/wallets")
    public Wallet open(@RequestBody Wallet wallet) {
        wallet.setPassword(encoder.encode(wallet.getPassword()));
        return wallets.save(wallet);
    }

    @GetMapping("/wallets/{id}")
    public Wallet wallet(@PathVariable Long id) {
        return wallets.findById(id).orElseThrow();
    }

    @GetMapping("/wallets/{id}/balance")
    public BigDecimal balance(@PathVariable Long id, Principal who) {
        return wallets.findByIdAndOwner(id, who.getName()).orElseThrow().getBalance();
    }

    @PostMapping("/transfers")
    public void transfer(@RequestBody TransferWish wish, Principal who) {
        Wallet from = wallets.findByOwner(who.getName()).orElseThrow();
        Wallet to = wallets.findById(wish.to()).orElseThrow();
        if (from.getBalance().compareTo(wish.amount()) < 0) {
            throw new IllegalStateException("not enough");
        }
        from.setBalance(from.getBalance().subtract(wish.amount()));
        to.setBalance(to.getBalance().add(wish.amount()));
        wallets.saveAll(List.of(from, to));
    }

    @GetMapping("/transfers/search")
    public List<Transfer> search(@RequestParam String note) {
        return transfers.search(note);
    }

    @GetMapping("/transfers/{id}")
    public Transfer one(@PathVariable long id) {
        return transfers.byId(id);
    }

    @GetMapping("/transfers/sorted")
    public List<Transfer> sorted(@RequestParam String by) {
        return transfers.ordered(by);
    }

    @PostMapping("/audit/search")
    public List<Map<String, Object>> audit(@RequestBody AuditQuery query) {
        return audit.of(query);
    }

    @GetMapping("/audit/of/{actor}")
    public List<Map<String, Object>> auditOf(@PathVariable String actor) {
        return audit.ofActor(actor);
    }

    @ExceptionHandler
    public ResponseEntity<Map<String, Object>> failed(Exception e) {
        return ResponseEntity.status(500).body(Map.of("error", e.getMessage(), "trace", e.getStackTrace()));
    }
}
