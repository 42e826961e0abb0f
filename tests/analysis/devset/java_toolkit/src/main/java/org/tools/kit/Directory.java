package org.tools.kit;

import java.util.Hashtable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;
import javax.script.ScriptException;
import javax.servlet.http.HttpServletRequest;

/** People of the directory, as the login page asks for them. */
public class Directory {

    private static final Pattern MAIL = Pattern.compile("^([a-zA-Z0-9]+\\.?)+@([a-z]+\\.)+[a-z]{2,}$");
    private static final Pattern NAME = Pattern.compile("^[a-z][a-z0-9_-]{0,30}$");

    private final String url;

    public Directory(String url) {
        this.url = url;
    }

    public SearchResult person(HttpServletRequest request) throws NamingException {
        String uid = request.getParameter("uid");
        DirContext context = connect();
        String filter = "(&(objectClass=person)(uid=" + uid + "))";
        NamingEnumeration<SearchResult> found = context.search("ou=people", filter, new SearchControls());
        return found.hasMore() ? found.next() : null;
    }

    public SearchResult personBound(HttpServletRequest request) throws NamingException {
        Object[] arguments = {request.getParameter("uid")};
        return connect().search("ou=people", "(uid={0})", arguments, new SearchControls()).next();
    }

    public SearchResult personChecked(HttpServletRequest request) throws NamingException {
        String uid = request.getParameter("uid");
        if (!NAME.matcher(uid).matches()) {
            throw new IllegalArgumentException("bad name");
        }
        return connect().search("ou=people", "(uid=" + uid + ")", new SearchControls()).next();
    }

    public Object resource(HttpServletRequest request) throws NamingException {
        return new InitialContext().lookup(request.getParameter("resource"));
    }

    public boolean looksLikeMail(HttpServletRequest request) {
        Matcher matcher = MAIL.matcher(request.getParameter("mail"));
        return matcher.matches();
    }

    public Object calculate(HttpServletRequest request) throws ScriptException {
        ScriptEngine engine = new ScriptEngineManager().getEngineByName("JavaScript");
        engine.put("x", request.getParameter("x"));
        return engine.eval("x * " + request.getParameter("factor"));
    }

    public Object plugin(HttpServletRequest request) throws Exception {
        String name = request.getParameter("plugin");
        return Class.forName(name).getDeclaredConstructor().newInstance();
    }

    private DirContext connect() throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        environment.put(Context.PROVIDER_URL, url);
        environment.put(Context.SECURITY_AUTHENTICATION, "none");
        return new InitialDirContext(environment);
    }
}
