package com.example.bank.web;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

@WebFilter("/admin/*")
public class RoleFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        String role = "guest";
        for (Cookie cookie : http.getCookies()) {
            if (cookie.getName().equals("role")) {
                role = cookie.getValue();
            }
        }
        if (role.equals("admin")) {
            chain.doFilter(request, response);
        } else {
            ((HttpServletResponse) response).sendError(403);
        }
    }
}
