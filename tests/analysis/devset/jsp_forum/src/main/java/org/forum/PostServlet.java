package org.forum;

import java.io.*;
import java.sql.*;
import javax.naming.directory.*;
import javax.servlet.ServletException;
import javax.servlet.annotation.WebServlet;
import javax.servlet.http.*;
import javax.xml.xpath.*;
import org.xml.sax.InputSource;

@WebServlet("/post")
public class PostServlet extends HttpServlet {

    private static final String DB_PASSWORD = "f0rum_pw";

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:mysql://localhost/forum", "forum", DB_PASSWORD);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String id = request.getParameter("id");
        PrintWriter out = response.getWriter();
        response.setContentType("text/html");
        try (Connection c = open(); Statement s = c.createStatement()) {
            ResultSet rows = s.executeQuery("SELECT title, body FROM posts WHERE id = " + id);
            while (rows.next()) {
                out.println("<h1>" + rows.getString("title") + "</h1>");
            }
            PreparedStatement p = c.prepareStatement("SELECT body FROM replies WHERE post_id = ?");
            p.setString(1, id);
            p.executeQuery();
        } catch (SQLException e) {
            e.printStackTrace(out);
        }
        out.println("<p>You asked for " + request.getParameter("id") + "</p>");
        out.println("<p>" + Integer.parseInt(request.getParameter("page")) + "</p>");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String user = request.getParameter("user");
        HttpSession session = request.getSession();
        try {
            DirContext dir = new InitialDirContext();
            dir.search("ou=people", "(uid=" + user + ")", new SearchControls());
            XPath xpath = XPathFactory.newInstance().newXPath();
            xpath.evaluate("//user[@name='" + user + "']/role", new InputSource("users.xml"));
        } catch (Exception e) {
            throw new ServletException(e);
        }
        session.setAttribute("user", user);
        Cookie cookie = new Cookie("JSESSION_COPY", session.getId());
        cookie.setSecure(false);
        response.addCookie(cookie);
        response.setHeader("X-User", request.getHeader("X-Forwarded-User"));
        File avatar = new File("/var/forum/avatars/" + request.getParameter("avatar"));
        try (FileInputStream in = new FileInputStream(avatar)) {
            in.transferTo(response.getOutputStream());
        }
        request.getRequestDispatcher("/WEB-INF/" + request.getParameter("page")).forward(request, response);
    }
}
