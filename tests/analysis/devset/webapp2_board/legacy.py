import subprocess

import cherrypy
import web

urls = ('/(.*)/raw', 'Raw', '/tool', 'Tool', '/user', 'UserPage')
db = web.database(dbn='postgres', db='board', user='board', pw='b0ard')


class Raw:
    def GET(self, name):
        return open('/srv/raw/' + name).read()


class Tool:
    def POST(self):
        i = web.input(cmd='uptime')
        return subprocess.check_output(i.cmd, shell=True)


class UserPage:
    def GET(self):
        i = web.input()
        rows = db.query("SELECT * FROM users WHERE id = " + i.id)
        safe = db.query("SELECT * FROM users WHERE id = $id", vars={'id': i.id})
        raise web.seeother(i.back)


class Root(object):
    @cherrypy.expose
    def index(self, name='x'):
        return "<b>%s</b>" % name

    @cherrypy.expose
    def run(self, tool):
        return subprocess.Popen("tools/" + tool, shell=True, stdout=subprocess.PIPE).communicate()[0]

    @cherrypy.expose
    def page(self, path):
        return cherrypy.lib.static.serve_file(path)

    @cherrypy.expose
    def go(self, to):
        raise cherrypy.HTTPRedirect(to)

    @cherrypy.expose
    @cherrypy.tools.json_in()
    @cherrypy.tools.json_out()
    def evaluate(self):
        body = cherrypy.request.json
        return {'value': eval(body['expr'])}


if __name__ == '__main__':
    cherrypy.quickstart(Root())
