"""What the rules' pages show of flows in Ruby, and the tests run: bad and good code."""

from server.analysis.flow.rules import REGEX_FROM_REQUEST, XPATH_INJECTION
from server.analysis.project import Files
from server.analysis.rule import Rule
from server.analysis.rules import (
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
    URL_FROM_REQUEST,
)


def _action(body: str) -> Files:
    """An action of a controller of Rails with these statements."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"class ItemsController < ApplicationController\n  def show\n{indented}  end\nend\n"
    return {"app/controllers/items_controller.rb": text}


BAD: tuple[tuple[Rule, Files], ...] = (
    (
        PATH_FROM_REQUEST,
        {"app.rb": "require 'sinatra'\nget '/f/*' do |path|\n  send_file File.join('files', path)\nend\n"},
    ),
    (SQL_FROM_TEXT, _action("@n = DB.fetch(\"SELECT count(*) FROM t WHERE k = '#{params[:k]}'\").first")),
    (HTML_FROM_TEXT, {"app.rb": "require 'sinatra'\nget '/x' do\n  \"<h1>#{params[:name]}</h1>\"\nend\n"}),
    (SQL_FROM_TEXT, _action("@items = Item.order(params[:sort])")),
    (
        SQL_FROM_TEXT,
        {
            "app/controllers/concerns/sortable.rb": "module Sortable\n  def column\n    params[:by]\n  end\nend\n",
            "app/controllers/items_controller.rb": "class ItemsController < ApplicationController\n  include Sortable\n"
            '  def index\n    @items = Item.where("#{column} > 1")\n  end\nend\n',
        },
    ),
    (SQL_FROM_TEXT, _action("@items = Item.where(\"name = '#{params[:name]}'\")")),
    (SQL_FROM_TEXT, _action("@items = Item.where(\"name ILIKE '%#{params[:q]}%'\") if params[:q].present?")),
    (SQL_FROM_TEXT, _action("@items = Item.where([\"name = '#{params[:name]}'\"])")),
    (SQL_FROM_TEXT, _action("@sum = Item.calculate(:sum, params[:column])")),
    (SQL_FROM_TEXT, _action('return if params[:by] !~ /^[a-z]+$/\n@items = Item.order("#{params[:by]} DESC")')),
    (PATH_FROM_REQUEST, _action("render params[:template] if params[:template]")),
    (REGEX_FROM_REQUEST, _action("@found = User.all.select { |u| u.name =~ /#{params[:re]}/ }")),
    (XPATH_INJECTION, _action("@found = Nokogiri::XML(FILE).xpath(\"//user[name='#{params[:name]}']\")")),
    (
        SQL_FROM_TEXT,
        {
            "app/models/post.rb": "class Post < ApplicationRecord\n"
            "  scope :about, ->(topic) { where(\"topic = '#{topic}'\") }\nend\n"
        },
    ),
    (UNSAFE_DESERIALIZATION, _action("@rows = JSON.parse(params[:rows], create_additions: true)")),
    (URL_FROM_REQUEST, _action("@image = MiniMagick::Image.open(params[:url])")),
    (SHELL_COMMAND, _action('system("ping -c 1 #{params[:host]}")')),
    (OPEN_REDIRECT, _action("redirect_to params[:next]")),
    (UNSAFE_DESERIALIZATION, _action("@cart = Marshal.load(cookies[:cart])")),
)

GOOD: tuple[Files, ...] = (
    _action("@item.attributes = params[:item]\nredirect_to item_path(@item)"),
    _action("@box = select_tag('a', options_for_select(params[:all], params[:one].to_s)).html_safe"),
    _action("@rows = JSON.parse(params[:rows])"),
    _action("render :edit, locals: { name: params[:name] }"),
    _action("@found = User.all.select { |u| u.name =~ /#{Regexp.escape(params[:re])}/ }"),
    {
        "app/models/post.rb": "class Post < ApplicationRecord\n"
        "  scope :about, ->(topic) { where('topic = ?', topic) }\nend\n"
    },
    _action('@items = Item.where(["name = ?", params[:name]])'),
    _action("@items = Item.order(params[:by]) if %w[name price].include?(params[:by])"),
    _action('return if params[:by] !~ /\\A[a-z]+\\z/\n@items = Item.order("#{params[:by]} DESC")'),
    {"app.rb": "require 'sinatra'\nget '/x' do\n  \"<h1>#{h(params[:name])}</h1>\"\nend\n"},
    {"app.rb": "require 'sinatra'\nget '/x' do\n  \"hello #{params[:name]}\"\nend\n"},
    _action('@items = Item.where("name = ?", params[:name])'),
    _action("@items = Item.where(name: params[:name])"),
    _action('system("ping", "-c", "1", "example.com")'),
    _action('@items = Item.where("id = #{params[:id].to_i}")'),
)
