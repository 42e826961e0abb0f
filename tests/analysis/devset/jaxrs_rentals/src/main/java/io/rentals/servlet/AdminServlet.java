package io.rentals.servlet;

import io.rentals.dao.PropertyDao;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintWriter;
import java.util.Base64;
import java.io.ByteArrayInputStream;
import java.util.logging.Logger;
import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.owasp.encoder.Encode;

@WebServlet(urlPatterns = {"/admin/*"})
public class AdminServlet extends HttpServlet {

    private static final Logger LOG = Logger.getLogger(AdminServlet.class.getName());
    private static final String ADMIN_PASSWORD = "Rentals#2019";

    @Inject PropertyDao dao;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String action = request.getPathInfo();
        if ("/greet".equals(action)) {
            greet(request, response);
        } else if ("/owner".equals(action)) {
            owner(request, response);
        } else if ("/state".equals(action)) {
            state(request, response);
        } else if ("/login".equals(action)) {
            login(request, response);
        }
    }

    private void greet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String name = request.getParameter("name");
        response.setContentType("text/html");
        PrintWriter out = response.getWriter();
        out.println("<h1>Hello " + Encode.forHtml(name) + "</h1>");
        out.printf("<p>From %s</p>", request.getHeader("Referer"));
        response.setHeader("X-Greeted", name);
    }

    private void owner(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            Object owner = dao.owner(request.getParameter("email"));
            response.getWriter().print(owner);
        } catch (Exception e) {
            LOG.severe("owner " + e);
            e.printStackTrace(response.getWriter());
        }
    }

    private void state(HttpServletRequest request, HttpServletResponse response) throws IOException {
        for (Cookie cookie : request.getCookies()) {
            if ("state".equals(cookie.getName())) {
                byte[] raw = Base64.getDecoder().decode(cookie.getValue());
                try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(raw))) {
                    response.getWriter().print(in.readObject());
                } catch (ClassNotFoundException e) {
                    response.sendError(400);
                }
            }
        }
    }

    private void login(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        if (ADMIN_PASSWORD.equals(request.getParameter("password"))) {
            session.setAttribute("admin", Boolean.TRUE);
            Cookie cookie = new Cookie("admin", "yes");
            cookie.setHttpOnly(false);
            response.addCookie(cookie);
        }
        String target = request.getParameter("target");
        if (target != null && target.startsWith("/")) {
            response.sendRedirect(request.getContextPath() + target);
        }
    }
}
