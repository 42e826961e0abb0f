import os
import shlex
import subprocess

import cherrypy


class Root:
    @cherrypy.expose
    def index(self, name="world"):
        return f"<p>Hello {name}</p>"

    @cherrypy.expose
    def run(self, tool):
        return subprocess.check_output("/opt/tools/" + tool, shell=True)

    @cherrypy.expose
    def log(self, lines="10"):
        cherrypy.response.headers["Content-Type"] = "text/plain"
        return subprocess.check_output(["tail", "-n", str(int(lines)), "/var/log/app.log"])

    @cherrypy.expose
    def go(self, url):
        raise cherrypy.HTTPRedirect(url)

    @cherrypy.expose
    def read(self, path):
        return cherrypy.lib.static.serve_file(os.path.join("/srv/data", path))

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def query(self, city):
        cursor = cherrypy.thread_data.db.cursor()
        cursor.execute("SELECT * FROM cities WHERE name = %s" % city)
        return cursor.fetchall()


if __name__ == "__main__":
    cherrypy.config.update({"server.socket_host": "0.0.0.0", "request.show_tracebacks": True})
    cherrypy.quickstart(Root())
