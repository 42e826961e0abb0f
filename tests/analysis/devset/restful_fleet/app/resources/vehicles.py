from flask import request
from flask_jwt_extended import get_jwt_identity, jwt_required
from flask_restful import Resource, reqparse

from app import db
from app.models.vehicle import Vehicle
from app.services.trips import TripService

parser = reqparse.RequestParser()
parser.add_argument('order', type=str, default='id')
parser.add_argument('dir', type=str, choices=('asc', 'desc'))
parser.add_argument('drivers', action='append')


class VehicleList(Resource):
    @jwt_required()
    def get(self):
        return [v.plate for v in Vehicle.query.filter_by(owner_id=get_jwt_identity())]

    @jwt_required()
    def post(self):
        vehicle = Vehicle(**request.get_json())
        db.session.add(vehicle)
        db.session.commit()
        return {'id': vehicle.id}, 201


class VehicleItem(Resource):
    @jwt_required()
    def get(self, vid):
        vehicle = Vehicle.query.get_or_404(vid)
        return {'plate': vehicle.plate, 'notes': vehicle.notes}

    @jwt_required()
    def put(self, vid):
        vehicle = Vehicle.query.filter_by(id=vid, owner_id=get_jwt_identity()).first_or_404()
        vehicle.update(request.get_json())
        return {'ok': True}

    def delete(self, vid):
        vehicle = Vehicle.query.get(vid)
        db.session.delete(vehicle)
        db.session.commit()
        return '', 204


class VehicleTrips(Resource):
    @jwt_required()
    def get(self, vid):
        args = parser.parse_args()
        service = TripService()
        if args['drivers']:
            return {'drivers': service.drivers(args['drivers'])}
        return {'trips': service.trips(vid, args)}
