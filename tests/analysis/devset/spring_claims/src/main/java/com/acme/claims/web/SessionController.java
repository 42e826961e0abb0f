package com.acme.claims.web;

import com.acme.claims.model.User;
import com.acme.claims.repo.UserRepository;
import com.acme.claims.util.Tokens;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.*;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;

@Controller
public class SessionController {

    private static final Logger LOG = LoggerFactory.getLogger(SessionController.class);
    private static final Set<String> HOSTS = Set.of("claims.acme.com", "portal.acme.com");

    private final UserRepository users;
    private final Tokens tokens;

    public SessionController(UserRepository users, Tokens tokens) {
        this.users = users;
        this.tokens = tokens;
    }

    @GetMapping("/login")
    public String form(@RequestParam(required = false) String next, Model model) {
        model.addAttribute("next", next);
        return "login";
    }

    @PostMapping("/login")
    public ModelAndView login(@RequestParam String email, @RequestParam String password,
                              @RequestParam(defaultValue = "/") String next, HttpServletResponse response) {
        User user = users.findByEmail(email);
        if (user == null || !user.getPasswordHash().equals(tokens.digest(password))) {
            LOG.warn("failed login for {} with password {}", email, password);
            return new ModelAndView("login", HttpStatus.UNAUTHORIZED);
        }
        Cookie cookie = new Cookie("SESSION", tokens.issue(user));
        cookie.setPath("/");
        response.addCookie(cookie);
        return new ModelAndView("redirect:" + next);
    }

    @GetMapping("/continue")
    public RedirectView resume(@RequestParam String to) {
        URI target = URI.create(to);
        if (target.getHost() != null && !HOSTS.contains(target.getHost())) {
            return new RedirectView("/");
        }
        return new RedirectView(target.getPath());
    }

    @GetMapping("/sso/return")
    public void ssoReturn(@RequestParam("RelayState") String relay, HttpServletResponse response) throws IOException {
        if (relay.startsWith("https://portal.acme.com")) {
            response.sendRedirect(relay);
        } else {
            response.sendRedirect("/");
        }
    }

    @GetMapping("/logout")
    public String logout(HttpServletRequest request) {
        request.getSession().invalidate();
        return "redirect:/login";
    }

    @GetMapping("/error/notice")
    @ResponseBody
    public String notice(@RequestParam String code) {
        return "<p>Something went wrong: " + code + "</p>";
    }

    @GetMapping(value = "/ping", produces = "text/plain")
    @ResponseBody
    public String ping(@RequestParam int id) {
        return "pong " + id;
    }

    @ExceptionHandler(RuntimeException.class)
    public ResponseEntity<String> failed(RuntimeException failure) {
        LOG.error("request failed", failure);
        return ResponseEntity.status(500).body(org.apache.commons.lang3.exception.ExceptionUtils.getStackTrace(failure));
    }
}
