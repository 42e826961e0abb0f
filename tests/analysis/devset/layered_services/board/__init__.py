import traceback

from flask import Flask, jsonify, request


def create_app():
    app = Flask(__name__)
    register(app)
    return app


def register(app):
    from .views import board

    app.register_blueprint(board)

    @app.errorhandler(404)
    def missing(error):
        return f"<h1>Nothing at {request.path}</h1>", 404

    @app.errorhandler(ValueError)
    def invalid(error):
        return jsonify(error="invalid", trace=traceback.format_exc()), 400

    @app.after_request
    def headers(response):
        origin = request.headers.get("Origin")
        if origin:
            response.headers["Access-Control-Allow-Origin"] = origin
        return response
