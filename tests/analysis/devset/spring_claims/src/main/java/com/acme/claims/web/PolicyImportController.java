package com.acme.claims.web;

import com.acme.claims.service.ReportService;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping("/api/policies")
@PreAuthorize("hasRole('ADJUSTER')")
public class PolicyImportController {

    private final ReportService reports;

    public PolicyImportController(ReportService reports) {
        this.reports = reports;
    }

    @PostMapping(value = "/insurer", consumes = "application/xml")
    public String insurer(@RequestBody String xml, @RequestParam String number) throws Exception {
        return reports.insurer(xml, number);
    }

    @PostMapping(value = "/check", consumes = "application/xml")
    public String check(@RequestBody String xml) throws Exception {
        return reports.parseSafely(xml).getDocumentElement().getTagName();
    }
}
