package com.example.bank.web;

import com.example.bank.data.Account;
import com.example.bank.data.AccountDao;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.logging.Logger;

@WebServlet("/login")
public class LoginServlet extends HttpServlet {
    private static final Logger LOG = Logger.getLogger("bank");
    private final AccountDao accounts = new AccountDao();

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String login = request.getParameter("login");
        String password = request.getParameter("password");
        try {
            Account account = accounts.login(login, password);
            if (account == null) {
                LOG.warning("Failed login for " + login + " / " + password);
                request.setAttribute("problem", "Sorry, " + login + " is wrong");
                request.getRequestDispatcher("/login.jsp").forward(request, response);
                return;
            }
            request.getSession().setAttribute("account", account);
            Cookie remember = new Cookie("remember", account.getNumber());
            remember.setMaxAge(60 * 60 * 24 * 365);
            response.addCookie(remember);
            response.sendRedirect(request.getParameter("back"));
        } catch (SQLException problem) {
            problem.printStackTrace(response.getWriter());
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        request.getSession().invalidate();
        Cookie seen = new Cookie("seen", "1");
        seen.setHttpOnly(true);
        seen.setSecure(true);
        response.addCookie(seen);
        response.sendRedirect(request.getContextPath() + "/login.jsp");
    }
}
