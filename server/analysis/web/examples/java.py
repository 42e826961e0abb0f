"""Small projects of Java for the rules of web applications: bad ones by rule, and good ones. Data."""

from collections.abc import Mapping

from server.analysis.project import Files

_SECURITY = """\
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
class Security {
    SecurityFilterChain chain(HttpSecurity http) throws Exception {
        http.authorizeHttpRequests(a -> a
            .requestMatchers("/login", "/public/**").permitAll()
            .requestMatchers("/admin/**").hasRole("ADMIN")
            .anyRequest().authenticated());
        return http.build();
    }
}
"""
_HEAD = """\
import org.springframework.web.bind.annotation.*;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
"""
_ORDER = "@Entity\nclass Order {\n    @Id Long id;\n    User user;\n    String role;\n}\n"
_CONTROLLER = """\
@RestController
@RequestMapping("/orders")
class OrderController {
    private final OrderRepository orders;
"""
_MINE = """\
    @GetMapping
    List<Order> mine(@AuthenticationPrincipal User user) { return orders.findByUserId(user.getId()); }
"""
_ANY = """\
    @DeleteMapping("/{id}")
    void remove(@PathVariable Long id) { orders.deleteById(id); }
"""
_PERSON = (
    "@Entity\nclass Person {\n    private Long id;\n    private String name;\nHIDDEN    private String passwordHash;\n"
    "    public String getPasswordHash() { return passwordHash; }\n}\n"
)
_PERSONS = (
    _HEAD
    + '@RestController\nclass PersonController {\n    private final PersonRepository persons;\n    @GetMapping("/me")\n'
    + "    public ResponseEntity<Person> me(@AuthenticationPrincipal User user) {\n"
    + "        return ResponseEntity.of(persons.findById(user.getId()));\n    }\n}\n"
)
_LOGIN = """\
@RestController
class LoginController {
    @PostMapping("/login")
    Token login(@RequestBody Credentials given) {
        if (!encoder.matches(given.password(), users.findByName(given.name()).hash())) { throw new Unauthorized(); }
        return tokens.issue(given.name());
    }
}
"""

BAD: Mapping[str, tuple[Files, ...]] = {
    "foreign-object": (
        {"Security.java": _SECURITY, "Order.java": _ORDER, "Orders.java": _HEAD + _CONTROLLER + _MINE + _ANY + "}\n"},
    ),
    "unguarded-object": (
        {
            "Security.java": _SECURITY,
            "Order.java": _ORDER,
            "Login.java": _HEAD + _LOGIN,
            "Orders.java": _HEAD + _CONTROLLER.replace("/orders", "/public/orders") + _ANY + "}\n",
        },
    ),
    "missing-role-check": (
        {
            "Admin.java": _HEAD
            + "import org.springframework.security.access.prepost.PreAuthorize;\n@RestController\n"
            + '@RequestMapping("/admin")\nclass AdminController {\n    private final UserRepository users;\n'
            + '    @PreAuthorize("hasRole(\'ADMIN\')")\n    @GetMapping("/users")\n'
            + "    List<User> all() { return users.findAll(); }\n"
            + '    @DeleteMapping("/users/{id}")\n    void remove(@PathVariable Long id) { users.deleteById(id); }\n}\n'
        },
    ),
    "unlimited-attempts": ({"Login.java": _HEAD + _LOGIN},),
    "mass-assignment": (
        {
            "Order.java": _ORDER,
            "Orders.java": _HEAD
            + _CONTROLLER
            + "    @PostMapping\n    Order add(@RequestBody Order order) { return orders.save(order); }\n}\n",
        },
        {
            "Order.java": _ORDER,
            "Orders.java": _HEAD
            + _CONTROLLER
            + '    @PutMapping("/mine")\n'
            + "    void change(@RequestBody Order body, @AuthenticationPrincipal User user) {\n"
            + "        Order order = orders.findByUserId(user.getId());\n"
            + '        BeanUtils.copyProperties(body, order, "id");\n        orders.save(order);\n    }\n}\n',
        },
    ),
    "secret-field": ({"Person.java": _PERSON.replace("HIDDEN", ""), "Persons.java": _PERSONS},),
    "error-details": (
        {
            "Errors.java": _HEAD
            + "@RestControllerAdvice\nclass Errors {\n    @ExceptionHandler(Exception.class)\n"
            + "    ResponseEntity<String> any(Exception e) {\n"
            + "        return ResponseEntity.internalServerError().body(e.getMessage());\n    }\n}\n"
        },
    ),
    "user-enumeration": (
        {
            "Login.java": _HEAD
            + '@RestController\nclass Login {\n    @PostMapping("/login")\n'
            + "    String login(@RequestBody Given given) {\n"
            + '        if (users.find(given.name()) == null) { return "No such user"; }\n'
            + '        if (!matches(given.password())) { return "Wrong password"; }\n        return "ok";\n    }\n}\n'
        },
    ),
    "unchecked-upload": (
        {
            "Files.java": _HEAD
            + '@RestController\nclass Files {\n    @PostMapping("/files")\n'
            + "    void keep(@RequestParam MultipartFile file) throws IOException {\n"
            + '        file.transferTo(new File("/srv/www/" + file.getOriginalFilename()));\n    }\n}\n'
        },
    ),
    "endless-token": (
        {
            "Tokens.java": "class Tokens {\n    String issue(String name) {\n"
            "        return Jwts.builder().setSubject(name).signWith(key).compact();\n    }\n}\n"
        },
    ),
    "session-fixation": (
        {
            "Login.java": "class Login extends HttpServlet {\n"
            "    protected void doPost(HttpServletRequest request, HttpServletResponse response) {\n"
            '        if (check(request.getParameter("password"))) {\n'
            '            request.getSession().setAttribute("user", request.getParameter("name"));\n        }\n'
            "    }\n}\n"
        },
    ),
}
GOOD: tuple[Files, ...] = (
    {"Person.java": _PERSON.replace("HIDDEN", "    @JsonIgnore\n"), "Persons.java": _PERSONS},
    {
        "Person.java": _PERSON.replace("HIDDEN", "    @JsonProperty(access = Access.WRITE_ONLY)\n"),
        "Persons.java": _PERSONS,
    },
    {
        "Tokens.java": "class Tokens {\n    String issue(String name) {\n"
        "        return Jwts.builder().setSubject(name).setExpiration(soon()).signWith(key).compact();\n    }\n}\n"
    },
    {
        "Security.java": _SECURITY,
        "Order.java": _ORDER,
        "Orders.java": _HEAD
        + _CONTROLLER
        + _MINE
        + '    @GetMapping("/{id}")\n    Order one(@PathVariable Long id, @AuthenticationPrincipal User user) {\n'
        + "        return orders.findByIdAndUserId(id, user.getId()).orElseThrow();\n    }\n"
        + '    @DeleteMapping("/{id}")\n    void remove(@PathVariable Long id, @AuthenticationPrincipal User user) {\n'
        + "        Order order = orders.findById(id).orElseThrow();\n"
        + "        if (!order.getUser().equals(user)) { throw new ForbiddenException(); }\n"
        + "        orders.delete(order);\n    }\n}\n",
    },
    {
        "Limits.java": "import io.github.bucket4j.Bucket;\nclass Limits {\n"
        "    boolean may() { return bucket.tryConsume(1); }\n}\n",
        "Login.java": _HEAD + _LOGIN,
    },
    {
        "Errors.java": _HEAD
        + "@RestControllerAdvice\nclass Errors {\n    @ExceptionHandler(NotFound.class)\n"
        + "    String missing(NotFound e) { return e.getMessage(); }\n    @ExceptionHandler(Exception.class)\n"
        + '    String any(Exception e) { log.error("failed", e); return "failed"; }\n}\n'
    },
    {
        "LoginFilter.java": "import jakarta.servlet.*;\nclass LoginFilter implements Filter {\n"
        "    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {\n"
        '        if (session.getAttribute("user") == null) { response.sendError(401); return; }\n'
        "        chain.doFilter(request, response);\n    }\n}\n",
        "Tags.java": _HEAD
        + '@RestController\nclass Tags {\n    private final TagRepository tags;\n    @DeleteMapping("/tags/{id}")\n'
        + "    void remove(@PathVariable Long id) { tags.deleteById(id); }\n}\n",
    },
)
