package org.example.bookings.web;

import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.multipart.MultipartFile;

import javax.servlet.http.HttpServletResponse;
import javax.xml.parsers.DocumentBuilderFactory;
import java.io.*;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.UUID;

@Controller
@RequestMapping("/files")
public class FilesController {
    private static final Path ROOT = Paths.get("/srv/bookings/files");
    private final RestTemplate rest = new RestTemplate();

    @GetMapping("/{name}")
    @ResponseBody
    public Resource file(@PathVariable String name) {
        return new FileSystemResource(ROOT.resolve(name));
    }

    @GetMapping("/checked")
    @ResponseBody
    public ResponseEntity<Resource> checked(@RequestParam String name) {
        Path wanted = ROOT.resolve(name).normalize();
        if (!wanted.startsWith(ROOT)) {
            return ResponseEntity.badRequest().build();
        }
        return ResponseEntity.ok(new FileSystemResource(wanted));
    }

    @PostMapping
    public String store(@RequestParam("file") MultipartFile file) throws IOException {
        file.transferTo(new File("/srv/bookings/static/" + file.getOriginalFilename()));
        return "redirect:/files";
    }

    @PostMapping("/picture")
    public String picture(@RequestParam("file") MultipartFile file) throws IOException {
        if (!"image/png".equals(file.getContentType()) || file.getSize() > 1_000_000) {
            return "redirect:/files?refused";
        }
        Files.copy(file.getInputStream(), ROOT.resolve(UUID.randomUUID() + ".png"));
        return "redirect:/files";
    }

    @GetMapping("/fetch")
    @ResponseBody
    public String fetch(@RequestParam String from) {
        return rest.getForObject(from, String.class);
    }

    @GetMapping("/weather/{town}")
    @ResponseBody
    public String weather(@PathVariable String town) {
        return rest.getForObject("https://weather.example.org/{town}", String.class, town);
    }

    @PostMapping("/parse")
    @ResponseBody
    public String parse(InputStream body) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        return factory.newDocumentBuilder().parse(body).getDocumentElement().getTagName();
    }

    @PostMapping("/parse-safely")
    @ResponseBody
    public String parseSafely(InputStream body) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(body).getDocumentElement().getTagName();
    }

    @PostMapping("/restore")
    @ResponseBody
    public String restore(@RequestBody byte[] body) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(body))) {
            return String.valueOf(in.readObject());
        }
    }

    @GetMapping("/thumbnail")
    public void thumbnail(@RequestParam String name, @RequestParam int width, HttpServletResponse response) throws Exception {
        Process process = Runtime.getRuntime().exec("convert /srv/bookings/files/" + name + " -resize " + width + " -");
        process.getInputStream().transferTo(response.getOutputStream());
    }

    @GetMapping("/sizes")
    public void sizes(@RequestParam String name, HttpServletResponse response) throws Exception {
        Process process = new ProcessBuilder("identify", ROOT.resolve(Paths.get(name).getFileName()).toString()).start();
        process.getInputStream().transferTo(response.getOutputStream());
    }

    @GetMapping("/go")
    public String go(@RequestParam String to) {
        return "redirect:" + to;
    }

    @GetMapping("/page")
    public String page(@RequestParam String lang) {
        return "pages/" + lang + "/welcome";
    }

    @GetMapping("/hello")
    @ResponseBody
    public String hello(@RequestParam String name) {
        return "<p>Hello " + name + "</p>";
    }

    @GetMapping("/card")
    public String card(@RequestParam String name, Model model) {
        model.addAttribute("name", name);
        model.addAttribute("bio", name.trim());
        return "card";
    }

    @GetMapping("/download")
    public void download(@RequestParam String title, HttpServletResponse response) throws IOException {
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=" + title);
        response.getWriter().write("");
    }
}
