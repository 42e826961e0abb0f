package com.acme.wallet.tools;

import groovy.lang.GroovyShell;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.servlet.view.RedirectView;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import javax.naming.InitialContext;
import javax.xml.stream.XMLInputFactory;
import java.beans.XMLDecoder;
import java.io.*;
import java.nio.file.*;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

@Controller
@RequestMapping("/api/admin/tools")
public class ToolsController {
    private static final Path BASE = Path.of("/var/wallet/files");
    private final WebClient client = WebClient.create();

    @GetMapping("/file")
    public ResponseEntity<InputStreamResource> file(@RequestParam String name) throws IOException {
        return ResponseEntity.ok(new InputStreamResource(Files.newInputStream(BASE.resolve(name))));
    }

    @GetMapping("/file/safe")
    public ResponseEntity<InputStreamResource> fileSafe(@RequestParam String name) throws IOException {
        Path wanted = BASE.resolve(name).toRealPath();
        if (!wanted.startsWith(BASE)) {
            return ResponseEntity.notFound().build();
        }
        return ResponseEntity.ok(new InputStreamResource(Files.newInputStream(wanted)));
    }

    @PostMapping("/upload")
    @ResponseBody
    public String upload(@RequestParam MultipartFile file) throws IOException {
        Path target = Paths.get("/var/www/uploads", file.getOriginalFilename());
        Files.write(target, file.getBytes());
        return "ok";
    }

    @PostMapping("/unzip")
    @ResponseBody
    public int unzip(@RequestParam String archive) throws IOException {
        int count = 0;
        try (ZipFile zip = new ZipFile(BASE.resolve(Path.of(archive).getFileName()).toFile())) {
            for (var entry : zip.stream().toList()) {
                Path target = BASE.resolve(entry.getName());
                Files.copy(zip.getInputStream(entry), target, StandardCopyOption.REPLACE_EXISTING);
                count++;
            }
        }
        return count;
    }

    @GetMapping("/fetch")
    @ResponseBody
    public String fetch(@RequestParam String url) {
        return client.get().uri(url).retrieve().bodyToMono(String.class).block();
    }

    @GetMapping("/rates")
    @ResponseBody
    public String rates(@RequestParam String pair) {
        return client.get().uri(b -> b.scheme("https").host("rates.acme.example").queryParam("pair", pair).build())
            .retrieve().bodyToMono(String.class).block();
    }

    @PostMapping("/script")
    @ResponseBody
    public String script(@RequestBody String code) {
        return String.valueOf(new GroovyShell().evaluate(code));
    }

    @PostMapping("/yaml")
    @ResponseBody
    public Object yaml(@RequestBody String text) {
        return new Yaml().load(text);
    }

    @PostMapping("/yaml/safe")
    @ResponseBody
    public Object yamlSafe(@RequestBody String text) {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    }

    @PostMapping("/beans")
    @ResponseBody
    public Object beans(HttpServletRequest request) throws IOException {
        try (XMLDecoder decoder = new XMLDecoder(request.getInputStream())) {
            return decoder.readObject();
        }
    }

    @PostMapping("/stax")
    @ResponseBody
    public String stax(InputStream in) throws Exception {
        var reader = XMLInputFactory.newInstance().createXMLEventReader(in);
        return reader.nextEvent().toString();
    }

    @GetMapping("/jndi")
    @ResponseBody
    public Object jndi(@RequestParam String name) throws Exception {
        return new InitialContext().lookup(name);
    }

    @GetMapping("/ping")
    @ResponseBody
    public String ping(@RequestParam String host) throws Exception {
        var process = new ProcessBuilder("/bin/sh", "-c", "ping -c1 " + host).start();
        return new String(process.getInputStream().readAllBytes());
    }

    @GetMapping("/grep")
    @ResponseBody
    public boolean grep(@RequestParam String pattern, @RequestParam String text) {
        return Pattern.compile(pattern).matcher(text).find();
    }

    @GetMapping("/grep/safe")
    @ResponseBody
    public boolean grepSafe(@RequestParam String word, @RequestParam String text) {
        return Pattern.compile(Pattern.quote(word)).matcher(text).find();
    }

    @GetMapping("/leave")
    public RedirectView leave(@RequestParam String to) {
        return new RedirectView(to);
    }

    @GetMapping("/theme")
    public void theme(@RequestParam String name, HttpServletResponse response) throws IOException {
        Cookie cookie = new Cookie("session_theme", name);
        cookie.setHttpOnly(true);
        cookie.setSecure(true);
        response.addCookie(cookie);
        response.setContentType("text/html");
        response.getWriter().printf("<p>Theme %s</p>", name);
    }

    @GetMapping("/buffer")
    @ResponseBody
    public int buffer(@RequestParam int size) {
        return new byte[size].length;
    }

    @PostMapping("/temp")
    @ResponseBody
    public String temp(@RequestBody byte[] body) throws IOException {
        File file = new File("/tmp/wallet-import.bin");
        Files.write(file.toPath(), body);
        Path own = Files.createTempFile("wallet", ".bin");
        return own.toString();
    }
}
