package com.example.bank.web;

import com.example.bank.data.Account;
import com.example.bank.data.AccountDao;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;

@WebServlet(name = "transfer", urlPatterns = {"/transfer"})
public class TransferServlet extends HttpServlet {
    private final AccountDao accounts = new AccountDao();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Account own = (Account) request.getSession().getAttribute("account");
        if (own == null) {
            response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
            return;
        }
        double amount = Double.parseDouble(request.getParameter("amount"));
        String from = request.getParameter("from");
        try {
            accounts.move(from, request.getParameter("to"), amount);
            PrintWriter out = response.getWriter();
            response.setContentType("text/html");
            out.println("<p>Moved " + amount + " to " + request.getParameter("to") + "</p>");
            out.printf("<p>%d</p>", own.getId());
        } catch (SQLException problem) {
            response.sendError(500, "transfer failed");
        }
    }
}
