"""What the rules' pages show of flows in Java, and the tests run: bad and good code."""

from server.analysis.flow.rules import REGEX_FROM_REQUEST
from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import PATH_FROM_REQUEST, SHELL_COMMAND, SQL_FROM_TEXT, UNSAFE_DESERIALIZATION


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

BAD: tuple[tuple[Rule, Files], ...] = (
    (
        SQL_FROM_TEXT,
        {
            "shop/web/ItemController.java": _CONTROLLER,
            "shop/db/Items.java": _STORE.replace("QUERY", '"SELECT * FROM items WHERE name = \'" + name + "\'"'),
        },
    ),
    (SHELL_COMMAND, _servlet('Runtime.getRuntime().exec("ping " + request.getParameter("host"));', "")),
    (PATH_FROM_REQUEST, _servlet('new FileInputStream("/srv/" + request.getParameter("name"));', "java.io.*")),
    (REGEX_FROM_REQUEST, _servlet('"x".matches(request.getParameter("like"));', "")),
    (UNSAFE_DESERIALIZATION, _servlet("new ObjectInputStream(request.getInputStream()).readObject();", "java.io.*")),
)

GOOD: tuple[Files, ...] = (
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
