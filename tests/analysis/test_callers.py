"""Who calls what, by names, imports and written types, in every language whose flows are followed."""

import pytest

from server.analysis.budget import Budget
from server.analysis.calls.callers import CallIndex
from server.analysis.calls.telling import MAX_CALLERS, called_in
from server.analysis.review import Analysis, Reading
from server.analysis.source import Source

CART = """\
from dataclasses import dataclass


@dataclass
class Cart:
    owner: str

    def total(self):
        return self.rounded(1)

    def rounded(self, value):
        return round(value)

    @property
    def size(self):
        return 1


class Basket(Cart):
    def rounded(self, value):
        return super().rounded(value)


def price(item):
    return item.net
"""

PYTHON = {
    "imported": ("from shop.cart import price\nprice(1)\n", {"price": [2]}),
    "by another name": ("from shop.cart import price as cost\ncost(1)\n", {"price": [2]}),
    "of a module": ("import shop.cart\nimport shop.cart as c\nshop.cart.price(1)\nc.price(2)\n", {"price": [3, 4]}),
    "in a function": ("def f():\n    from shop.cart import price\n    return price(1)\n", {"price": [3]}),
    "through a package": ("from shop import price\nprice(1)\n", {"price": [2]}),
    "a class": ("from shop.cart import Cart\ncart = Cart('a')\n", {"Cart": [2]}),
    "of what was made": (
        "from shop.cart import Cart\ndef f():\n    c = Cart('a')\n    c.total()\n",
        {"Cart": [3], "Cart.total": [4]},
    ),
    "of a parameter": ("from shop.cart import Cart\ndef f(c: Cart | None):\n    c.total()\n", {"Cart.total": [3]}),
    "of what is returned": (
        "from shop.cart import Cart\ndef made() -> Cart: ...\ndef f():\n    made().total()\n",
        {"Cart.total": [4]},
    ),
    "of an attribute": (
        "from shop.cart import Cart\nclass A:\n    def __init__(self, cart: Cart):\n        self.cart = cart\n"
        "    def f(self):\n        return self.cart.total()\n",
        {"Cart.total": [6]},
    ),
    "of a class that inherits": (
        "from shop.cart import Basket\ndef f(b: Basket):\n    b.total()\n    b.rounded(1)\n",
        {"Cart.total": [3], "Basket.rounded": [4]},
    ),
    "of one that may inherit": (
        "from shop.cart import Cart\ndef f(c: Cart):\n    c.rounded(1)\n",
        {"Cart.rounded": [3], "Basket.rounded": [3]},
    ),
    "of a list": (
        "from shop.cart import Cart\ndef f(cs: list[Cart]):\n    for c in cs:\n        c.rounded(1)\n",
        {"Cart.rounded": [4], "Basket.rounded": [4]},
    ),
    "in a comprehension": (
        "from shop.cart import Basket\ndef f(bs: tuple[Basket, ...]):\n    return [b.rounded(1) for b in bs]\n",
        {"Basket.rounded": [3]},
    ),
    "of a mapping": (
        "from shop.cart import Basket\ndef f(bs: dict[str, Basket]):\n    for name, b in sorted(bs.items()):\n"
        "        b.rounded(1)\n        name.rounded(1)\n    bs['a'].rounded(2)\n    b = bs.get('x')\n"
        "    b.rounded(3)\n",
        {"Basket.rounded": [4, 6, 8]},
    ),
    "of the keys of a mapping": (
        "from shop.cart import Basket\ndef f(bs: dict[Basket, str]):\n    for b in bs:\n        b.rounded(1)\n",
        {"Basket.rounded": [4]},
    ),
    "of an attribute that is a list": (
        "from shop.cart import Basket\nclass A:\n    def __init__(self) -> None:\n        self.all: list[Basket] = []\n"
        "    def f(self):\n        for number, b in enumerate(self.all):\n            b.rounded(number)\n",
        {"Basket.rounded": [7]},
    ),
    "of something, by a name of its own": ("def f(x):\n    x.total()\n    x.unknown()\n", {"Cart.total": [2]}),
    "a decorator": ("from shop.cart import price\n@price\ndef f(): ...\n", {"price": [2]}),
    "a local of that name": ("from shop.cart import price\ndef f(price):\n    price(1)\n", {}),
    "another's function": ("from elsewhere import price\nprice(1)\n", {}),
    "in a comment": ("# price(1)\n'price(1)'\n", {}),
}

OTHERS = {
    "JavaScript": (
        {
            "shop/cart.js": "export function price(item) {\n  return item.net\n}\n",
            "shop/view.js": "import { price as p } from './cart'\np(1)\n",
        },
        {"price": [("shop/view.js", 2)]},
    ),
    "TypeScript": (
        {
            "a.ts": "export class Cart {\n  total() { return this.sum() }\n  sum() { return 1 }\n}\n",
            "b.ts": "import { Cart } from './a'\nconst c = new Cart()\nc.total()\n",
        },
        {"Cart": [("b.ts", 2)], "Cart.total": [("b.ts", 3)], "Cart.sum": [("a.ts", 2)]},
    ),
    "Go": (
        {
            "shop/cart.go": "package shop\n\nfunc Price(n int) int { return n }\n",
            "shop/view.go": "package shop\n\nfunc View() int {\n\treturn Price(1)\n}\n",
        },
        {"Price": [("shop/view.go", 4)]},
    ),
    "Java": (
        {
            "shop/Cart.java": "package shop;\nclass Cart {\n  int total() { return sum(); }\n"
            "  int sum() { return 1; }\n}\n"
        },
        {"Cart.sum": [("shop/Cart.java", 3)]},
    ),
}

PHP_CART = """\
<?php
namespace Shop;

function price($item) { return $item->net; }

class Cart {
    public function __construct(private Repo $repo) {}
    public function total() { return $this->rounded(1); }
    public function rounded($value) { return round($value); }
    public static function make(): Cart { return new self(new Repo()); }
    public function saved() { return $this->repo->store($this); }
}

class Basket extends Cart {
    public function rounded($value) { return parent::rounded($value); }
}

class Repo {
    public function store($cart) { return static::class; }
}
"""

PHP_USES = """\
<?php
namespace App;

use Shop\\Cart;
use Shop\\Basket as B;
use function Shop\\price;

class Till {
    private Cart $cart;
    public function __construct(Cart $cart) { $this->cart = $cart; }
    public function sum() { return $this->cart->total(); }
}

function run(Cart $given, ?B $maybe) {
    price(1);
    \\Shop\\price(2);
    $c = new Cart(1);
    $c->total();
    $given->saved();
    $maybe?->rounded(3);
    Cart::make()->total();
    new \\Shop\\Cart(2);
    \\Elsewhere\\price(3);
}
"""

RUBY_CART = """\
module Shop
  def self.price(item)
    item.net
  end

  class Cart
    def initialize(repo)
      @repo = Repo.new
    end

    def total
      rounded(1) + plain
    end

    def rounded(value)
      value.round
    end

    def plain
      1
    end

    def self.make
      new(nil)
    end

    def saved
      @repo.keep(self)
    end
  end

  class Basket < Cart
    def sum
      self.total
    end
  end

  class Repo
    def keep(cart)
      1
    end
  end
end

def shown(item)
  item
end
"""

RUBY_USES = """\
require_relative "cart"

shown(1)
shown 2
Shop.price(1)
Shop::price(2)
cart = Shop::Cart.new(1)
cart.total
Shop::Cart.make.saved

class Till
  def initialize
    @basket = Shop::Basket.new(1)
  end

  def go
    @basket.total
    [1].each { |item| shown item }
    basket = Shop::Basket.new(1)
    basket&.sum
  end
end
"""

OTHERS |= {
    "PHP": (
        {"src/cart.php": PHP_CART, "src/use.php": PHP_USES},
        {
            "price": [("src/use.php", 15), ("src/use.php", 16)],
            "Cart": [("src/cart.php", 10), ("src/use.php", 17), ("src/use.php", 22)],
            "Cart.total": [("src/use.php", 11), ("src/use.php", 18), ("src/use.php", 21)],
            "Cart.rounded": [("src/cart.php", 8), ("src/cart.php", 15)],
            "Cart.make": [("src/use.php", 21)],
            "Cart.saved": [("src/use.php", 19)],
            "Basket.rounded": [("src/cart.php", 8), ("src/use.php", 20)],
            "Repo": [("src/cart.php", 10)],
            "Repo.store": [("src/cart.php", 11)],
        },
    ),
    "Ruby": (
        {"lib/cart.rb": RUBY_CART, "lib/use.rb": RUBY_USES},
        {
            "price": [("lib/use.rb", 5), ("lib/use.rb", 6)],
            "Cart": [("lib/cart.rb", 24), ("lib/use.rb", 7)],
            "Cart.total": [("lib/cart.rb", 34), ("lib/use.rb", 8), ("lib/use.rb", 17)],
            "Cart.rounded": [("lib/cart.rb", 12)],
            "Cart.plain": [("lib/cart.rb", 12)],
            "Cart.make": [("lib/use.rb", 9)],
            "Cart.saved": [("lib/use.rb", 9)],
            "Basket": [("lib/use.rb", 13), ("lib/use.rb", 19)],
            "Basket.sum": [("lib/use.rb", 20)],
            "Repo": [("lib/cart.rb", 8)],
            "Repo.keep": [("lib/cart.rb", 28)],
            "shown": [("lib/use.rb", 3), ("lib/use.rb", 4), ("lib/use.rb", 18)],
        },
    ),
}


def readings_of(files: dict[str, str]) -> dict[str, Reading]:
    analysis = Analysis()
    return {path: analysis.read(Source.of(path, text), Budget(60.0)) for path, text in files.items()}


@pytest.mark.parametrize("case", PYTHON)
def test_calls_from_another_file_are_found(case: str) -> None:
    text, expected = PYTHON[case]
    files = {"shop/__init__.py": "from shop.cart import price\n", "shop/cart.py": CART, "tests/test_shop.py": text}

    called = called_in(CallIndex(), ["shop/cart.py"], readings_of(files), Budget(60.0))

    others = {one.name: [c.line for c in one.callers if c.path == "tests/test_shop.py"] for one in called}
    assert {name: lines for name, lines in others.items() if lines} == expected


def test_calls_within_the_file_are_found_and_what_nobody_calls_by_name_is_left_out() -> None:
    called = called_in(CallIndex(), ["shop/cart.py"], readings_of({"shop/cart.py": CART}), Budget(60.0))

    assert [(one.name, one.line, [(c.line, c.column) for c in one.callers]) for one in called] == [
        ("Cart", 5, []),
        ("Cart.total", 8, []),
        ("Cart.rounded", 11, [(9, 16), (21, 16)]),
        ("Basket", 19, []),
        ("Basket.rounded", 20, [(9, 16)]),
        ("price", 24, []),
    ]


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_looked_through_alike(language: str) -> None:
    files, expected = OTHERS[language]

    called = called_in(CallIndex(), list(files), readings_of(files), Budget(60.0))

    found = {one.name: [(c.path, c.line) for c in one.callers] for one in called if one.callers}
    assert found == expected


def test_an_index_knows_files_that_stayed_and_looks_again_at_one_that_changed() -> None:
    index, readings = CallIndex(), readings_of({"a.py": "def f(): ...\n", "b.py": "from a import f\nf()\n"})
    called_in(index, ["a.py"], readings, Budget(60.0))

    readings |= readings_of({"b.py": "from a import f\nf()\n\nf()\n"})
    (called,) = called_in(index, ["a.py"], readings, Budget(60.0))

    assert [caller.line for caller in called.callers] == [2, 4]


def test_of_very_many_callers_the_first_are_told_and_all_are_counted() -> None:
    readings = readings_of({"a.py": "def f(): ...\n" + "f()\n" * (MAX_CALLERS + 5)})

    (called,) = called_in(CallIndex(), ["a.py"], readings, Budget(60.0))

    assert (called.count, len(called.callers)) == (MAX_CALLERS + 5, MAX_CALLERS)
