"""`/api/v1/ide/vscode` where no editor is connected; who drives one stands in `tests/ide`, how in `tests/lsp`."""

from tests.api.conftest import Hub


async def test_without_an_editor_that_is_said(hub: Hub) -> None:
    edit = {
        "editor": "e1",
        "path": "a.py",
        "changes": [
            {"start_line": 1, "start_column": 1, "end_line": 1, "end_column": 1, "old_text": "", "new_text": "x"}
        ],
    }
    bodies = {"connect": {"why": "to help"}, "edit-file": edit, "run-command": {"editor": "e1", "argv": ["make"]}}

    for name, body in bodies.items():
        answer = await hub.ask("POST", f"/api/v1/ide/vscode/{name}", json=body, role="write")
        assert answer.status == 404, name
        assert "no such editor" in (await answer.json())["detail"]
    assert (await hub.ask("GET", "/api/v1/ide/vscode/workspace?editor=e1", role="write")).status == 404
    assert (await hub.ask("GET", "/api/v1/ide/vscode/audit", role="admin")).status == 200
    assert (await hub.ask("GET", "/api/v1/ide/vscode/consents", role="write")).status == 200
