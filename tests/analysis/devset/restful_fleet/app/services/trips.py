from app import db
from app.models.vehicle import TripRepository


class TripService:
    allowed = {'started': 'started_at', 'ended': 'ended_at'}

    def __init__(self, repository=None):
        self.repository = repository or TripRepository(db.session)

    def trips(self, vehicle_id, params):
        return [dict(t) for t in self.repository.find(vehicle_id, params.get('order', 'id'), params.get('dir'))]

    def drivers(self, names):
        return self.repository.by_driver(names)

    def sorted_trips(self, vehicle_id, key):
        return self.repository.find(vehicle_id, self.allowed.get(key, 'id'))
