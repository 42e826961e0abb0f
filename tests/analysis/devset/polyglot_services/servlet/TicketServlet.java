package com.example.desk;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;

@WebServlet("/desk/tickets")
public class TicketServlet extends HttpServlet {
    private static final Logger LOG = Logger.getLogger("tickets");

    private DataSource source;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try (Connection connection = source.getConnection();
             PreparedStatement query = connection.prepareStatement("SELECT * FROM tickets WHERE id = ? AND user_id = ?")) {
            query.setString(1, request.getParameter("id"));
            query.setObject(2, request.getSession().getAttribute("userId"));
            ResultSet rows = query.executeQuery();
            if (!rows.next()) {
                response.sendError(404);
                return;
            }
            response.getWriter().println(Html.escape(rows.getString("title")));
        } catch (SQLException e) {
            LOG.log(Level.SEVERE, "tickets", e);
            response.sendError(500);
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Csrf.check(request);
        try (Connection connection = source.getConnection();
             PreparedStatement update = connection.prepareStatement("UPDATE tickets SET state = 'closed' WHERE id = ?")) {
            update.setString(1, request.getParameter("id"));
            update.executeUpdate();
            response.sendRedirect("/desk/tickets");
        } catch (SQLException e) {
            response.sendError(500, e.getMessage());
        }
    }
}
