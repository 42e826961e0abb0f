package com.example.bank.web;

import com.example.bank.data.Account;
import com.example.bank.data.AccountDao;
import jakarta.servlet.annotation.MultipartConfig;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.naming.NamingException;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.xml.sax.InputSource;

@WebServlet("/statements/*")
@MultipartConfig
public class StatementServlet extends HttpServlet {
    private static final String HOME = "/srv/bank/statements";
    private final AccountDao accounts = new AccountDao();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String name = request.getPathInfo().substring(1);
        try (InputStream in = new FileInputStream(new File(HOME, name))) {
            in.transferTo(response.getOutputStream());
        }
    }

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(request.getInputStream())) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                File target = new File(HOME, entry.getName());
                try (FileOutputStream out = new FileOutputStream(target)) {
                    zip.transferTo(out);
                }
            }
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String action = request.getParameter("action");
        try {
            switch (action) {
                case "find" -> find(request.getParameter("who"));
                case "rate" -> response.getWriter().print(rate(request.getParameter("currency")));
                case "logo" -> logo(request);
                default -> response.sendError(400);
            }
        } catch (Exception problem) {
            throw new IOException(problem);
        }
    }

    private void find(String who) throws NamingException {
        Properties environment = new Properties();
        environment.put("java.naming.provider.url", "ldaps://directory.example.org");
        DirContext context = new InitialDirContext(environment);
        context.search("ou=tellers", "(cn=" + who + ")", new SearchControls());
        context.search("ou=tellers", "(cn={0})", new Object[] {who}, new SearchControls());
    }

    private String rate(String currency) throws XPathExpressionException {
        XPath path = XPathFactory.newInstance().newXPath();
        return path.evaluate("//rate[@currency='" + currency + "']", new InputSource(HOME + "/rates.xml"));
    }

    private void logo(HttpServletRequest request) throws Exception {
        Part part = request.getPart("logo");
        part.write("/srv/bank/webapp/logos/" + part.getSubmittedFileName());
    }
}
