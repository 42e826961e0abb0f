import logging

import jwt as pyjwt
from flask import current_app, request
from flask_jwt_extended import create_access_token, get_jwt_identity, jwt_required
from flask_restful import Resource, reqparse

from app.models.user import UserModel

log = logging.getLogger(__name__)


class Register(Resource):
    parser = reqparse.RequestParser()
    parser.add_argument('username', required=True)
    parser.add_argument('password', required=True)
    parser.add_argument('role')

    def post(self):
        data = Register.parser.parse_args()
        log.info('new user %s', data)
        if UserModel.find_by_username(data['username']):
            return {'message': 'A user with that username already exists'}, 400
        user = UserModel(**data)
        user.save()
        return user.json(), 201


class Login(Resource):
    def post(self):
        body = request.json
        user = UserModel.find_by_username(body['username'])
        if user is None:
            return {'message': 'User not found'}, 404
        if user.password == body['password']:
            return {'token': create_access_token(identity=user.id, expires_delta=False)}
        return {'message': 'Invalid password'}, 401


class Me(Resource):
    def get(self):
        token = request.headers['Authorization'].split()[1]
        claims = pyjwt.decode(token, options={'verify_signature': False})
        return UserModel.find_by_id(claims['sub']).json()

    @jwt_required()
    def patch(self):
        user = UserModel.find_by_id(get_jwt_identity())
        user.email = request.json['email']
        user.save()
        return {'ok': True}


class UserItem(Resource):
    @jwt_required()
    def delete(self, username):
        user = UserModel.query.filter_by(username=username).first()
        user.delete()
        return {'message': 'deleted'}


class AllUsers(Resource):
    def get(self):
        return {'users': [u.json() for u in UserModel.query.all()]}
