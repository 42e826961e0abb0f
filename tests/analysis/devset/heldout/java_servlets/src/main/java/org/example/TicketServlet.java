package org.example;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.ResultSet;
import java.util.logging.Logger;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.servlet.ServletException;
import javax.servlet.annotation.WebServlet;
import javax.servlet.http.Cookie;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.Part;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.apache.commons.text.StringEscapeUtils;
import org.owasp.encoder.Encode;
import org.xml.sax.InputSource;

@WebServlet("/tickets/*")
public class TicketServlet extends HttpServlet {

    private static final Logger LOG = Logger.getLogger("tickets");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String action = request.getPathInfo();
        PrintWriter out = response.getWriter();
        try {
            if ("/search".equals(action)) {
                String subject = request.getParameter("subject");
                ResultSet rows = Db.find("subject LIKE '%" + subject + "%'");
                out.println("<h1>Results for " + subject + "</h1>");
                while (rows.next()) {
                    out.println("<p>" + Encode.forHtml(rows.getString("subject")) + "</p>");
                }
            } else if ("/show".equals(action)) {
                ResultSet row = Db.byId(request.getParameter("id"));
                row.next();
                out.println(StringEscapeUtils.escapeHtml4(row.getString("text")));
            } else if ("/file".equals(action)) {
                File file = new File("/srv/tickets", request.getParameter("name"));
                try (FileInputStream in = new FileInputStream(file)) {
                    in.transferTo(response.getOutputStream());
                }
            } else if ("/file2".equals(action)) {
                String name = new File(request.getParameter("name")).getName();
                try (FileInputStream in = new FileInputStream(new File("/srv/tickets", name))) {
                    in.transferTo(response.getOutputStream());
                }
            } else if ("/go".equals(action)) {
                response.sendRedirect(request.getParameter("to"));
            } else if ("/home".equals(action)) {
                response.sendRedirect(request.getContextPath() + "/index.jsp");
            } else if ("/user".equals(action)) {
                DirContext context = new InitialDirContext();
                String filter = "(uid=" + request.getParameter("uid") + ")";
                context.search("ou=people,dc=example", filter, new SearchControls());
            } else if ("/xpath".equals(action)) {
                XPath xpath = XPathFactory.newInstance().newXPath();
                String query = "//user[name='" + request.getParameter("name") + "']";
                out.println(xpath.evaluate(query, new InputSource("users.xml")));
            }
        } catch (Exception error) {
            error.printStackTrace(out);
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        Part part = request.getPart("file");
        part.write("/srv/tickets/" + part.getSubmittedFileName());
        String[] command = {"/bin/sh", "-c", "file /srv/tickets/" + part.getSubmittedFileName()};
        Runtime.getRuntime().exec(command);
        Runtime.getRuntime().exec(new String[] {"sync"});
        LOG.info("uploaded by " + request.getParameter("user"));
        Cookie cookie = new Cookie("last", "1");
        cookie.setSecure(true);
        cookie.setHttpOnly(true);
        response.addCookie(cookie);
        request.getSession().setMaxInactiveInterval(-1);
    }
}
