package org.example.library;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.servlet.http.Cookie;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.util.HtmlUtils;

@RestController
@CrossOrigin(origins = "*")
@RequestMapping("/api/books")
public class BookController {

    private static final Logger log = LoggerFactory.getLogger(BookController.class);
    private static final Path COVERS = Paths.get("/srv/covers");

    private final DataSource dataSource;
    private final JdbcTemplate jdbc;

    public BookController(DataSource dataSource, JdbcTemplate jdbc) {
        this.dataSource = dataSource;
        this.jdbc = jdbc;
    }

    @GetMapping
    public List<String> search(@RequestParam(defaultValue = "") String title) throws Exception {
        List<String> titles = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
             Statement statement = connection.createStatement()) {
            String sql = "SELECT title FROM books WHERE title LIKE '%" + title + "%'";
            ResultSet rows = statement.executeQuery(sql);
            while (rows.next()) {
                titles.add(rows.getString(1));
            }
        }
        return titles;
    }

    @GetMapping("/by-author")
    public List<String> byAuthor(@RequestParam String author) throws Exception {
        List<String> titles = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
             PreparedStatement statement = connection.prepareStatement("SELECT title FROM books WHERE author = ?")) {
            statement.setString(1, author);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                titles.add(rows.getString(1));
            }
        }
        return titles;
    }

    @GetMapping("/sorted")
    public List<String> sorted(@RequestParam String column) {
        return jdbc.queryForList("SELECT title FROM books ORDER BY " + column, String.class);
    }

    @GetMapping("/isbn/{isbn}")
    public String byIsbn(@PathVariable String isbn) {
        return jdbc.queryForObject("SELECT title FROM books WHERE isbn = ?", String.class, isbn);
    }

    @GetMapping("/cover")
    public byte[] cover(@RequestParam String file) throws IOException {
        return Files.readAllBytes(new File("/srv/covers/" + file).toPath());
    }

    @GetMapping("/cover-checked")
    public byte[] coverChecked(@RequestParam String file) throws IOException {
        Path path = COVERS.resolve(file).normalize();
        if (!path.startsWith(COVERS)) {
            throw new IllegalArgumentException("no such cover");
        }
        return Files.readAllBytes(path);
    }

    @PostMapping("/cover")
    public String upload(@RequestParam MultipartFile file) throws IOException {
        Path target = COVERS.resolve(file.getOriginalFilename());
        file.transferTo(target);
        return "stored";
    }

    @PostMapping("/convert")
    public String convert(@RequestParam String format) throws IOException {
        Process process = Runtime.getRuntime().exec("sh -c \"convert in.png out." + format + "\"");
        return String.valueOf(process.pid());
    }

    @PostMapping("/count")
    public String count() throws IOException {
        Process process = new ProcessBuilder("wc", "-l", "/srv/books.txt").start();
        return new String(process.getInputStream().readAllBytes());
    }

    @PostMapping("/cart")
    public int cart(@CookieValue String cart) throws Exception {
        byte[] data = Base64.getDecoder().decode(cart);
        ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(data));
        return ((List<?>) in.readObject()).size();
    }

    @PostMapping("/fetch")
    public byte[] fetch(@RequestParam String url) throws IOException {
        return new URL(url).openStream().readAllBytes();
    }

    @GetMapping("/leave")
    public void leave(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.sendRedirect(request.getParameter("url"));
    }

    @GetMapping(value = "/hello", produces = "text/html")
    public String hello(@RequestParam String name) {
        return "<h1>Hello " + name + "</h1>";
    }

    @GetMapping(value = "/hi", produces = "text/html")
    public String hi(@RequestParam String name) {
        return "<h1>Hi " + HtmlUtils.htmlEscape(name) + "</h1>";
    }

    @PostMapping("/login")
    public String login(@RequestParam String user, @RequestParam String password, HttpServletResponse response) {
        log.info("login of {} with {}", user, password);
        Cookie cookie = new Cookie("session", Tokens.newToken());
        response.addCookie(cookie);
        return "ok";
    }
}
