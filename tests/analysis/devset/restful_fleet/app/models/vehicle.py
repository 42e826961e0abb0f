from sqlalchemy import text

from app import db


class Vehicle(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    plate = db.Column(db.String(20))
    owner_id = db.Column(db.Integer, db.ForeignKey('users.id'))
    notes = db.Column(db.Text)

    def update(self, values):
        for key in values:
            setattr(self, key, values[key])
        db.session.commit()


class TripRepository:
    def __init__(self, session):
        self.session = session

    def find(self, vehicle_id, order, direction='asc'):
        statement = 'SELECT * FROM trips WHERE vehicle_id = :vid ORDER BY {} {}'.format(order, direction)
        return self.session.execute(text(statement), {'vid': vehicle_id}).fetchall()

    def count(self, vehicle_id):
        return self.session.execute(text('SELECT count(*) FROM trips WHERE vehicle_id = :v'), {'v': vehicle_id}).scalar()

    def by_driver(self, names):
        quoted = ','.join("'" + n + "'" for n in names)
        return self.session.execute(text('SELECT * FROM trips WHERE driver IN (' + quoted + ')')).fetchall()
