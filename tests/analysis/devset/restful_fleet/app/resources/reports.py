import os
import subprocess
import requests
from flask import request, send_from_directory, send_file, current_app, Response
from flask_jwt_extended import jwt_required
from flask_restful import Resource
from werkzeug.utils import secure_filename

REPORTS = '/var/fleet/reports'


class Report(Resource):
    @jwt_required()
    def get(self, name):
        fmt = request.args.get('format', 'pdf')
        if fmt == 'raw':
            return send_file(f'{REPORTS}/{name}')
        return send_from_directory(REPORTS, name)

    @jwt_required()
    def post(self, name):
        uploaded = request.files['file']
        uploaded.save(os.path.join(REPORTS, uploaded.filename))
        return {'saved': secure_filename(uploaded.filename)}


class Hook(Resource):
    @jwt_required()
    def post(self):
        target = request.json.get('callback_url')
        if not target.startswith('http'):
            return {'message': 'bad url'}, 400
        reply = requests.post(target, json={'event': 'test'}, verify=False)
        return {'status': reply.status_code, 'body': reply.text}


class Convert(Resource):
    @jwt_required()
    def post(self):
        source = request.json['source']
        fmt = request.json['fmt']
        subprocess.run(['convert', source, 'out.' + fmt])
        subprocess.run(f'convert {source} out.{fmt}', shell=True)
        if request.json.get('view'):
            return Response('<h2>' + source + '</h2>', mimetype='text/html')
        return {'done': True}
