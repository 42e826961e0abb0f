import importlib
import shelve
import shutil
import threading

from tornado import web

from .base import Base, admin_only

counter = {"jobs": 0}


class Console(Base):
    @admin_only
    def post(self):
        rows = self.library.db.execute(self.get_argument("sql")).fetchall()
        self.write({"rows": rows})


class Plugin(Base):
    def get(self, name):
        module = importlib.import_module("gallery.plugins." + self.get_argument("module", name))
        function = getattr(module, name)
        self.write({"result": function(**{k: self.get_argument(k) for k in self.request.arguments})})

    @admin_only
    def post(self, name):
        module = {"stats": "gallery.stats", "clean": "gallery.clean"}[name]
        importlib.import_module(module).run()


class Backup(Base):
    @admin_only
    def post(self):
        target = self.get_body_argument("target")
        shutil.make_archive("/backups/" + target, "zip", self.library.root)
        with shelve.open("/tmp/backups") as kept:
            kept[target] = self.current_user
        self.write({"ok": True})

    @admin_only
    def get(self):
        threading.Thread(target=self.prune, daemon=True).start()
        self.write({"jobs": counter["jobs"]})

    def prune(self):
        counter["jobs"] += 1
        exec(open("/srv/gallery/prune.py").read(), {})
