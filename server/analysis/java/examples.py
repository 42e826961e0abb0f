"""What the rules' pages show of flows in Java, and the tests run: bad and good code."""

from server.analysis.flow.rules import ARCHIVE_EXTRACTION, JNDI_LOOKUP, LDAP_INJECTION, REGEX_FROM_REQUEST
from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import (
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
)


def _servlet(body: str, imports: str) -> Files:
    """A servlet with these statements."""
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    imported = "".join(f"import {name};\n" for name in imports.split())
    return {
        "src/main/java/shop/Items.java": f"package shop;\n\nimport javax.servlet.http.*;\n{imported}\n"
        "public class Items extends HttpServlet {\n"
        "    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws Exception {\n"
        f"{indented}    }}\n}}\n"
    }


def _view(marks: str, returned: str) -> Files:
    return {
        "src/main/java/shop/Pages.java": "package shop;\n\nimport org.springframework.stereotype.Controller;\n"
        "import org.springframework.web.bind.annotation.*;\nimport org.springframework.web.servlet.ModelAndView;\n\n"
        f"@Controller\npublic class Pages {{\n    {marks}\n    public String page(@RequestParam String lang) {{\n"
        f"        return {returned};\n    }}\n}}\n"
    }


_CONTROLLER = """\
package shop.web;

import org.springframework.web.bind.annotation.*;
import shop.db.Items;

@RestController
public class ItemController {
    private final Items items = new Items();

    @GetMapping("/items/{name}")
    public Object find(@PathVariable String name) {
        return items.find(name);
    }
}
"""
_STORE = """\
package shop.db;

import org.springframework.jdbc.core.JdbcTemplate;

public class Items {
    private JdbcTemplate jdbc;

    public Object find(String name) {
        return jdbc.queryForList(QUERY);
    }
}
"""

_UNPACKING = (
    "package shop;\n\nimport java.io.*;\nimport java.nio.file.*;\nimport java.util.zip.*;\n\n"
    "public class Unpacking {\n"
    "    private static void inside(Path root, Path target) throws IOException {\n"
    "        if (!target.startsWith(root)) {\n            throw new IOException();\n        }\n    }\n\n"
    "    void unpack(ZipInputStream zip, File folder, Path root) throws IOException {\n"
    "        ZipEntry entry;\n"
    "        while ((entry = zip.getNextEntry()) != null) {\n"
    "BODY        }\n    }\n}\n"
)


def _unpacking(body: str) -> Files:
    """An archive whose entries are handled by these statements."""
    indented = "".join(f"            {line}\n" for line in body.splitlines())
    return {"src/main/java/shop/Unpacking.java": _UNPACKING.replace("BODY", indented)}


_PAGE = (
    '<%@ page import="java.sql.*" %>\n<ul>\n<%\n  String q = request.getParameter("q");\n'
    "  Statement s = DriverManager.getConnection(URL).createStatement();\n  ResultSet rows = QUERY;\n"
    "  while (rows.next()) {\n%>\n  <li><c:out value='<%= rows.getString(1) %>'/></li>\n<% } %>\n</ul>\n"
)

_SECOND_ORDER = (
    'ResultSet rows = connection.createStatement().executeQuery("SELECT nick, n FROM accounts");\nrows.next();\n'
    'connection.createStatement().executeUpdate("UPDATE cards SET holder = \'" + rows.%s + "\'");'
)

BAD: tuple[tuple[Rule, Files], ...] = (
    (SQL_FROM_TEXT, _servlet(_SECOND_ORDER % 'getString("nick")', "java.sql.*")),
    (TEMPLATE_FROM_TEXT, _view('@GetMapping("/p")', '"pages/" + lang + "/welcome"')),
    (OPEN_REDIRECT, _view('@GetMapping("/p")', '"redirect:" + lang')),
    (SQL_FROM_TEXT, {"items.jsp": _PAGE.replace("QUERY", 's.executeQuery("select a from t where b = \'" + q + "\'")')}),
    (
        SQL_FROM_TEXT,
        {
            "shop/web/ItemController.java": _CONTROLLER,
            "shop/db/Items.java": _STORE.replace("QUERY", '"SELECT * FROM items WHERE name = \'" + name + "\'"'),
        },
    ),
    (
        OPEN_REDIRECT,
        {
            "shop/web/ItemController.java": _CONTROLLER.replace(
                "return items.find(name);", 'return "redirect:" + name;'
            ).replace("Object find", "String find")
        },
    ),
    (
        SHELL_COMMAND,
        _servlet(
            'List<String> line = new ArrayList<>(Arrays.asList("/bin/sh", "-c"));\n'
            'line.add("ping " + request.getParameter("host"));\nnew ProcessBuilder(line).start();',
            "java.util.*",
        ),
    ),
    (SHELL_COMMAND, _servlet('Runtime.getRuntime().exec("ping " + request.getParameter("host"));', "")),
    (PATH_FROM_REQUEST, _servlet('new FileInputStream("/srv/" + request.getParameter("name"));', "java.io.*")),
    (PATH_FROM_REQUEST, _servlet('request.getRequestDispatcher("/WEB-INF/" + request.getParameter("page"));', "")),
    (REGEX_FROM_REQUEST, _servlet('"x".matches(request.getParameter("like"));', "")),
    (UNSAFE_DESERIALIZATION, _servlet("new ObjectInputStream(request.getInputStream()).readObject();", "java.io.*")),
    (JNDI_LOOKUP, _servlet('new InitialContext().lookup(request.getParameter("name"));', "javax.naming.*")),
    (
        SQL_FROM_TEXT,
        _servlet(
            'StringBuilder sql = new StringBuilder("SELECT a FROM t WHERE b = 1");\n'
            'sql.append(" AND c = \'").append(request.getParameter("c")).append("\'");\n'
            "connection.createStatement().executeQuery(sql.toString());",
            "",
        ),
    ),
    (
        LDAP_INJECTION,
        _servlet(
            'String uid = request.getParameter("uid");\n'
            'new InitialDirContext(env).search("ou=people", "(uid=" + uid + ")", controls);',
            "javax.naming.directory.*",
        ),
    ),
    (ARCHIVE_EXTRACTION, _unpacking("File target = new File(folder, entry.getName());\nnew FileOutputStream(target);")),
    (ARCHIVE_EXTRACTION, _unpacking("Files.copy(zip, root.resolve(entry.getName()));")),
    (
        ARCHIVE_EXTRACTION,
        _unpacking(
            "Path target = root.resolve(entry.getName());\n"
            "if (!target.startsWith(root)) {\n    throw new IOException();\n}\nFiles.copy(zip, target);"
        ),
    ),
)

GOOD: tuple[Files, ...] = (
    _servlet(_SECOND_ORDER % 'getInt("n")', "java.sql.*"),
    _view('@GetMapping("/p")\n    @ResponseBody', '"pages/" + lang'),
    _view('@GetMapping("/p")', '"de".equals(lang) ? "pages/de" : "pages/en"'),
    _view('@GetMapping("/p")', '"redirect:/pages?lang=" + lang'),
    {"items.jsp": _PAGE.replace("QUERY", 's.executeQuery("select a from t where b = " + Integer.parseInt(q))')},
    {
        "shop/web/ItemController.java": _CONTROLLER.replace(
            "return items.find(name);", 'return "redirect:/items/" + name;'
        ).replace("Object find", "String find")
    },
    _servlet(
        'ZipEntry entry = new ZipFile("/srv/a.zip").getEntry("x");\nString name = entry.getName();\n'
        'if (name.contains("..")) {\n    return;\n}\nnew FileOutputStream(new File("/srv", name));',
        "java.io.* java.util.zip.*",
    ),
    _unpacking(
        "File target = new File(folder, entry.getName());\n"
        "if (!target.getCanonicalPath().startsWith(folder.getCanonicalPath() + File.separator)) {\n"
        "    throw new IOException();\n}\nnew FileOutputStream(target);"
    ),
    _unpacking(
        "Path target = root.resolve(entry.getName()).normalize();\n"
        "if (!target.startsWith(root)) {\n    throw new IOException();\n}\nFiles.copy(zip, target);"
    ),
    _unpacking(
        "Path target = root.resolve(entry.getName()).normalize();\ninside(root, target);\nFiles.copy(zip, target);"
    ),
    _servlet(
        'String uid = request.getParameter("uid");\nPattern name = Pattern.compile("^[a-z]+$");\n'
        "if (!name.matcher(uid).matches()) {\n    return;\n}\n"
        'new InitialDirContext(env).search("ou=people", "(uid=" + uid + ")", controls);',
        "javax.naming.directory.* java.util.regex.*",
    ),
    _servlet(
        'String sort = request.getParameter("sort");\n'
        "if (!ALLOWED.contains(sort)) {\n    return;\n}\n"
        'connection.createStatement().executeQuery("SELECT a FROM t ORDER BY " + sort);',
        "",
    ),
    _servlet(
        'String column = COLUMNS.getOrDefault(request.getParameter("sort"), "name");\n'
        'connection.createStatement().executeQuery("SELECT a FROM t ORDER BY " + column);',
        "",
    ),
    _servlet(
        "ObjectInputStream in = new ObjectInputStream(request.getInputStream());\n"
        "in.setObjectInputFilter(filter);\nin.readObject();",
        "java.io.*",
    ),
    _servlet(
        "new Yaml(new SafeConstructor()).load(request.getReader());",
        "org.yaml.snakeyaml.* org.yaml.snakeyaml.constructor.*",
    ),
    {
        "shop/web/ItemController.java": _CONTROLLER,
        "shop/db/Items.java": _STORE.replace("QUERY", '"SELECT * FROM items WHERE name = ?", name'),
    },
    _servlet(
        'int id = Integer.parseInt(request.getParameter("id"));\n'
        'connection.createStatement().executeQuery("SELECT a FROM t WHERE id = " + id);',
        "",
    ),
)
