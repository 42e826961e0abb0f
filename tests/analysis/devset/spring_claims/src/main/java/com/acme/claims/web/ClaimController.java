package com.acme.claims.web;

import com.acme.claims.model.Claim;
import com.acme.claims.model.ClaimQuery;
import com.acme.claims.model.User;
import com.acme.claims.service.ClaimService;
import com.acme.claims.service.DocumentService;
import com.acme.claims.service.ReportService;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import lombok.RequiredArgsConstructor;
import lombok.extern.slf4j.Slf4j;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.multipart.MultipartFile;

@Slf4j
@RestController
@RequestMapping("/api/claims")
@RequiredArgsConstructor
public class ClaimController {

    private final ClaimService claims;
    private final DocumentService documents;
    private final ReportService reports;

    @GetMapping
    public List<Claim> list(@AuthenticationPrincipal User user, ClaimQuery query) {
        return claims.search(user.getId(), query);
    }

    @GetMapping("/{id}")
    public Claim show(@PathVariable Long id, @AuthenticationPrincipal User user) {
        return claims.findForOwner(id, user.getId());
    }

    @PutMapping("/{id}")
    public Claim update(@PathVariable Long id, @RequestBody Claim incoming) {
        Claim stored = claims.byId(id);
        incoming.setId(stored.getId());
        return claims.save(incoming);
    }

    @PostMapping("/{id}/documents")
    public Map<String, String> upload(@PathVariable Long id, @AuthenticationPrincipal User user,
                                      @RequestParam("file") MultipartFile file) throws IOException {
        Claim claim = claims.findForOwner(id, user.getId());
        String stored = documents.store(claim, file);
        return Map.of("path", stored);
    }

    @GetMapping("/{id}/documents/{name:.+}")
    public ResponseEntity<Resource> download(@PathVariable Long id, @PathVariable String name,
                                             @AuthenticationPrincipal User user) throws IOException {
        Claim claim = claims.findForOwner(id, user.getId());
        Resource resource = documents.load(claim, name);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment")
                .body(resource);
    }

    @GetMapping("/{id}/documents/thumbnail")
    public ResponseEntity<byte[]> thumbnail(@PathVariable Long id, @RequestParam int index,
                                            @AuthenticationPrincipal User user) throws IOException {
        Claim claim = claims.findForOwner(id, user.getId());
        return ResponseEntity.ok(documents.thumbnail(claim, index));
    }

    @PreAuthorize("hasRole('ADJUSTER')")
    @PostMapping("/{id}/formula")
    public Map<String, Object> evaluate(@PathVariable Long id, @RequestBody Map<String, String> body) {
        Object result = reports.evaluateFormula(body.get("formula"), claims.byId(id));
        return Map.of("result", result);
    }

    @PreAuthorize("hasRole('ADJUSTER')")
    @GetMapping("/export")
    public void export(@RequestParam String format, @RequestParam(defaultValue = "created_at") String sort,
                       HttpServletResponse response) throws IOException {
        response.setContentType("text/csv");
        for (String line : claims.exportLines(sort)) {
            response.getWriter().println(line);
        }
        log.info("exported {} rows as {}", sort, format);
    }

    @DeleteMapping("/{id}")
    public void delete(@PathVariable Long id) {
        claims.delete(id);
    }

    @PostMapping("/{id}/webhook")
    public String setWebhook(@PathVariable Long id, @RequestParam String url, @AuthenticationPrincipal User user) {
        Claim claim = claims.findForOwner(id, user.getId());
        return claims.testWebhook(claim, url);
    }
}
