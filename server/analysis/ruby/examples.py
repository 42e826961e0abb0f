"""What the rules' pages show of flows in Ruby, and the tests run: bad and good code."""

from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import OPEN_REDIRECT, SHELL_COMMAND, SQL_FROM_TEXT, UNSAFE_DESERIALIZATION


def _action(body: str) -> Files:
    """An action of a controller of Rails with these statements."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"class ItemsController < ApplicationController\n  def show\n{indented}  end\nend\n"
    return {"app/controllers/items_controller.rb": text}


BAD: tuple[tuple[Rule, Files], ...] = (
    (SQL_FROM_TEXT, _action("@items = Item.where(\"name = '#{params[:name]}'\")")),
    (SHELL_COMMAND, _action('system("ping -c 1 #{params[:host]}")')),
    (OPEN_REDIRECT, _action("redirect_to params[:next]")),
    (UNSAFE_DESERIALIZATION, _action("@cart = Marshal.load(cookies[:cart])")),
)

GOOD: tuple[Files, ...] = (
    _action('@items = Item.where("name = ?", params[:name])'),
    _action("@items = Item.where(name: params[:name])"),
    _action('system("ping", "-c", "1", "example.com")'),
    _action('@items = Item.where("id = #{params[:id].to_i}")'),
)
