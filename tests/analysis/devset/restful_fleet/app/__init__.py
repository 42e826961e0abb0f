from flask import Flask, jsonify
from flask_cors import CORS
from flask_jwt_extended import JWTManager
from flask_restful import Api
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
jwt = JWTManager()


def create_app(config='config.Production'):
    app = Flask(__name__)
    app.config.from_object(config)
    CORS(app, resources={r'/*': {'origins': '*'}}, supports_credentials=True)
    db.init_app(app)
    jwt.init_app(app)
    from app.resources import vehicles, users, reports
    api = Api(app)
    api.add_resource(vehicles.VehicleList, '/vehicles')
    api.add_resource(vehicles.VehicleItem, '/vehicles/<int:vid>')
    api.add_resource(vehicles.VehicleTrips, '/vehicles/<int:vid>/trips')
    api.add_resource(users.Register, '/register')
    api.add_resource(users.Login, '/login')
    api.add_resource(users.Me, '/me')
    api.add_resource(users.UserItem, '/users/<string:username>')
    api.add_resource(users.AllUsers, '/users')
    api.add_resource(reports.Report, '/reports/<name>')
    api.add_resource(reports.Hook, '/hooks')
    api.add_resource(reports.Convert, '/convert')

    @app.errorhandler(Exception)
    def on_error(error):
        return jsonify({'error': repr(error), 'type': type(error).__name__}), 500

    return app
